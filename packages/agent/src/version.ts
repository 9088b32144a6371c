// The version that the agent tells the server.

/** Ironic parses it as a version and expects one of its own agent's age, such as 11.0 and later. */
export const AGENT_VERSION = '11.3.0';
