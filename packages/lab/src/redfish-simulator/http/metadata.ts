// $metadata in its least form (DSP0266, 8.2): the entity container of the service root.
import type { Model } from '../models/model.ts';
import { typeOf } from '../resources/shape.ts';

/** An OData CSDL document in XML. */
export function metadata(model: Model): string {
  const type = String(typeOf(model, 'ServiceRoot')['@odata.type']).slice(1);
  const namespace = type.replace(/\.ServiceRoot$/, '');
  return `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/ServiceRoot_v1.xml">
    <edmx:Include Namespace="ServiceRoot"/>
    <edmx:Include Namespace="${namespace}"/>
  </edmx:Reference>
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="${namespace}.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`;
}
