// What goes wrong between this client and a server of OVSDB.
export class OvsdbError extends Error {
  override readonly name = 'OvsdbError';

  /** @param place as Open vSwitch writes it: "tcp:192.0.2.1:6640" */
  constructor(place: string, what: string, options?: ErrorOptions) {
    super(`${place}: ${what}`, options);
  }
}

/** What came is no value of OVSDB, or not the kind of one that stands there. */
export class OvsdbValueError extends TypeError {
  override readonly name = 'OvsdbValueError';
}
