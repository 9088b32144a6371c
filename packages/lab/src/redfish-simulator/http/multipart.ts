// Bodies of the form multipart/form-data (RFC 7578), in which images are pushed.

export interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
}

const blankLine = Buffer.from('\r\n\r\n');

/** The parts of a body; undefined: it has not this form. */
export function parseMultipart(contentType: string, body: Buffer): readonly Part[] | undefined {
  const boundary = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const end = body.indexOf(delimiter, start + delimiter.length);
    if (end < 0) break;
    const part = body.subarray(start + delimiter.length + 2, end - 2);
    const split = part.indexOf(blankLine);
    if (split < 0) return undefined;
    const head = part.subarray(0, split).toString();
    const name = /\bname="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) return undefined;
    parts.push({
      name,
      fileName: /\bfilename="([^"]*)"/i.exec(head)?.[1],
      bytes: part.subarray(split + blankLine.length),
    });
    start = end;
  }
  return parts;
}
