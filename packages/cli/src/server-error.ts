// Turns error answers of the API, in whichever of its forms, into one plain sentence.

/**
 * The reason the server gave, on one line. It comes as `{"error_message": ...}` with the fault as an object or as JSON
 * in text, as a bare fault, as the object of a web framework, or not at all.
 */
export function refusalSentence(status: number, body: string, what: string): string {
  const sentence = findFault(body)?.replace(/\s+/g, ' ').trim();
  if (sentence === undefined || sentence === '') {
    return `${what}: the server answered ${status} without an explanation`;
  }
  const hint =
    status === 401
      ? ' Set WROUGHT_PASSWORD (and --user), name the data directory with --data-dir, or set the OS_* variables for Keystone.'
      : '';
  return sentence + hint;
}

function findFault(body: unknown): string | undefined {
  if (typeof body === 'string') {
    const parsed = parseObject(body);
    return parsed === undefined ? withoutMarkup(body) : findFault(parsed);
  }
  if (typeof body !== 'object' || body === null) {
    return undefined;
  }
  if ('error_message' in body) {
    return findFault(body.error_message);
  }
  if ('faultstring' in body && typeof body.faultstring === 'string') {
    return body.faultstring;
  }
  // The 406 body of version negotiation is a list of errors with a title and a detail.
  if ('errors' in body && Array.isArray(body.errors)) {
    const [first] = body.errors;
    return typeof first?.detail === 'string' ? first.detail : first?.title;
  }
  // The body of refusals that come before any route: who asks, where, and in which version.
  if ('description' in body && typeof body.description === 'string') {
    return body.description;
  }
  return 'message' in body && typeof body.message === 'string' ? body.message : undefined;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A page of a proxy in between is HTML; its words are all that is of use. */
function withoutMarkup(text: string): string {
  return text.replace(/<(head|style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
}
