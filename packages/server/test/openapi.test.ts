// The description of the API: valid OpenAPI 3.1 in every version, whole, and true to what the server takes and answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { detailFields, MAXIMUM_MINOR, nodeResource } from '@wrought/contract';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { allRoutes } from '../src/api/app.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

let api: TestApi;
before(async () => {
  api = await startApi();
});
after(() => api.close());

async function documentOf(version: string) {
  const { status, json } = await api.request('GET', `/openapi.json?version=${version}`);
  assert.equal(status, 200);
  return json;
}

test('the document is valid in every version', async () => {
  const validator = new Validator();
  for (let minor = 1; minor <= MAXIMUM_MINOR; minor += 1) {
    const { valid, errors } = await validator.validate(await documentOf(`1.${minor}`));
    assert.ok(valid, `1.${minor}: ${JSON.stringify(errors)}`);
  }
});

test('every route that does something is described, with the rule that guards it', async () => {
  const { paths } = await documentOf('latest');
  for (const route of allRoutes(api.services)) {
    if (route.policy !== 'anyone' && !route.path.endsWith('/:word')) {
      const operation = paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];
      assert.ok(operation !== undefined, `${route.method} ${route.path}`);
      assert.ok(operation['x-policy'].length > 0);
    }
  }
});

test('older versions lack what came later', async () => {
  const old = await documentOf('1.21');
  assert.equal(old.paths['/v1/lookup'], undefined);
  assert.ok(old.paths['/v1/nodes'] !== undefined);
  assert.deepEqual(Object.keys(old.components.schemas.Node.properties), detailFields(nodeResource, 21));
  assert.equal(old.components.schemas.NewNode.properties.owner, undefined);
});

test('answers are as the document says, and new objects are taken as it says', async () => {
  const document = await documentOf('latest');
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const check = (name: string, value: unknown) => {
    const validate = ajv.compile({ ...document.components.schemas[name], components: document.components });
    assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(value)}`);
  };
  const sent = { driver: 'fake-hardware', name: 'described', extra: { a: 1 }, retired: false, owner: null };
  check('NewNode', sent);
  const made = await api.request('POST', '/v1/nodes', { body: sent });
  assert.equal(made.status, 201, made.text);
  check('Node', made.json);
  const port = { node_uuid: made.json.uuid, address: '52:54:00:00:00:21' };
  check('NewPort', port);
  check('Port', (await api.request('POST', '/v1/ports', { body: port })).json);
  const patch = [{ op: 'replace', path: '/extra/a', value: 2 }];
  check('NodePatch', patch);
  check('Node', (await api.request('PATCH', '/v1/nodes/described', { body: patch })).json);
  check('Error', (await api.request('GET', '/v1/nodes/nobody')).json);
});

test('a version that does not exist is refused', async () => {
  for (const version of ['1.0', '1.9999', 'x', '2.1']) {
    const { status, message } = await api.request('GET', `/openapi.json?version=${version}`);
    assert.equal(status, 400);
    assert.match(message, /allowed: 1\.1 to 1\.\d+, or "latest"/);
  }
});
