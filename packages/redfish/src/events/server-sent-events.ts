// The format of server-sent events (HTML standard, section 9.2), decoded from chunks of any size.

export interface ServerSentEvent {
  /** The last id that was given, in this event or before it. */
  readonly id: string | undefined;
  readonly data: string;
}

/** Makes a decoder: it takes text as it comes and gives the events that are complete. */
export function createEventDecoder(): (text: string) => ServerSentEvent[] {
  let rest = '';
  let id: string | undefined;
  let data: string[] = [];
  let isFirst = true;

  const take = (line: string): ServerSentEvent | undefined => {
    if (line === '') {
      const event = data.length === 0 ? undefined : { id, data: data.join('\n') };
      data = [];
      return event;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'id' && !value.includes('\0')) id = value;
    return undefined;
  };

  return (text) => {
    rest += text;
    if (isFirst && rest.length > 0) {
      rest = rest.replace(/^\uFEFF/, '');
      isFirst = false;
    }
    // A carriage return at the end may be the first half of a line end.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const lines = complete.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(complete.length);
    return lines.map(take).filter((event) => event !== undefined);
  };
}
