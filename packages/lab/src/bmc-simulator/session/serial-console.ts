// What is at the other end of SOL: bytes both ways, and breaks.

export interface SerialConsole {
  /** Somebody looks at it from now on; `output` takes what it prints, until `detach`. */
  attach(output: (bytes: Uint8Array) => void): void;
  detach(): void;
  input(bytes: Uint8Array): void;
  sendBreak(): void;
}

const prompt = '> ';
const carriageReturn = 0x0d;

/** Greets by the name of its machine, echoes what it is sent, and says "break" for a break. */
export function echoConsole(machine: { readonly name: string }): SerialConsole {
  let output: ((bytes: Uint8Array) => void) | undefined;
  const print = (text: string) => output?.(Buffer.from(text, 'latin1'));
  return {
    attach(to) {
      output = to;
      print(`\r\n${machine.name} console\r\n${prompt}`);
    },
    detach() {
      output = undefined;
    },
    input(bytes) {
      let echoed = '';
      for (const byte of bytes) echoed += byte === carriageReturn ? `\r\n${prompt}` : String.fromCharCode(byte);
      print(echoed);
    },
    sendBreak: () => print('[break]'),
  };
}
