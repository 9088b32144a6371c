// Commands after an argument, as in `wrought bmc ipmi HOST power status`; the options stand anywhere.
import type { Command } from 'commander';

interface After<Options> {
  /** What the argument is, such as "host". */
  readonly place: string;
  /** For the help, after the options. */
  readonly notes: string;
  define(commands: Command, place: string, options: Options): void;
}

/**
 * Gives a command that has an argument commands after it: a second command line, for commander has no place for an argument
 * before a command.
 */
export function takeCommandsAfter<Options extends { readonly json?: true }>(
  command: Command,
  { place: name, notes, define }: After<Options>,
): void {
  const commandsOf = (place: string, options: Options): Command => {
    const commands = command
      .createCommand(`wrought bmc ${command.name()} ${place}`)
      .copyInheritedSettings(command)
      .helpOption('-h, --help', 'display help for command')
      .usage('<command> [arguments]');
    define(commands, place, options);
    return commands;
  };
  command
    .argument('[command...]', 'see below')
    .option('--json', 'the same as --format json')
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', notes)
    .addHelpText('after', () => commandList(commandsOf(`<${name}>`, command.opts<Options>())));
  command.action(async (place: string | undefined, words: readonly string[], options: Options) => {
    if (place === undefined) {
      return command.error(`error: the ${name} is missing`);
    }
    if (place === '--help' || place === '-h') {
      return command.help();
    }
    if (options.json) {
      command.parent?.parent?.setOptionValue('format', 'json');
    }
    await commandsOf(place, options).parseAsync([...words], { from: 'user' });
  });
}

function commandList(commands: Command): string {
  const text = commands.helpInformation();
  return text.slice(text.indexOf('Commands:'));
}
