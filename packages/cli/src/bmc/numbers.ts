// Numbers of IPMI on the command line: decimal, or hexadecimal after 0x.
import { InvalidArgumentError } from 'commander';

const highestByte = 0xff;

/** @throws InvalidArgumentError */
export function parseByte(text: string): number {
  const number = Number(text);
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text) || number > highestByte) {
    throw new InvalidArgumentError('it is no byte: 0 to 255, or 0x00 to 0xff');
  }
  return number;
}
