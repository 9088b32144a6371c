// Reads the events out of the text of a server-sent stream, which comes in pieces of any length.

/** An event of the server: JSON as in the member `data` of the stream. */
export interface StreamedEvent {
  readonly id: string;
  readonly data: string;
}

export interface EventReader {
  readonly onEvent: (event: StreamedEvent) => void;
  /** Told of the number of each event, and of those up to which there was nothing for this listener. */
  readonly onPlace: (id: string) => void;
}

/** Makes a reader that is given the pieces, and hands on each event once it is whole. */
export function createEventReader({ onEvent, onPlace }: EventReader): (piece: string) => void {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block
          .split('\n')
          .filter((line) => !line.startsWith(':'))
          .map((line): [string, string] => {
            const colon = line.indexOf(': ');
            return [line.slice(0, colon), line.slice(colon + 2)];
          }),
      );
      const [id, data] = [fields.get('id'), fields.get('data')];
      if (id !== undefined && data !== undefined) {
        onEvent({ id, data });
      }
      if (id !== undefined) {
        onPlace(id);
      }
    }
  };
}
