import { Command, CommanderError } from 'commander';
import { SlipstreamError } from '@slipstream/contracts';
import type { CliContext } from './cli-context.js';
import { benchCommand } from './commands/bench.js';
import { datasetCommand } from './commands/dataset.js';
import { evalCommand } from './commands/eval.js';
import { generateCommand } from './commands/generate.js';
import { profileCommand } from './commands/profile.js';
import { stepsCommand } from './commands/steps.js';
import { errorLine } from './error-line.js';
import { exitCode } from './exit-code.js';

/** Runs one command line (without `node` and script) and gives its exit code; never throws. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  try {
    await program(context).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const error = context.signal.aborted
      ? new SlipstreamError('generation_cancelled', 'stopped')
      : SlipstreamError.from(thrown);
    context.note(errorLine(error));
    return exitCode(error);
  }
}

function program(context: CliContext): Command {
  const root = new Command('slipstream').description('masked image generation with shortcut steps');
  for (const command of [generateCommand(context), benchCommand(context), profileCommand(context), stepsCommand(context), evalCommand(context), datasetCommand(context)])
    root.addCommand(command);
  settle(root, 'slipstream', context);
  return root;
}

/** Commands never end the process, and write where the context says. */
function settle(command: Command, title: string, context: CliContext): void {
  command.exitOverride().showHelpAfterError(`(${title} --help says more)`);
  command.configureOutput({
    writeOut: (text) => context.out(text.trimEnd()),
    writeErr: (text) => context.note(text.trimEnd()),
  });
  for (const within of command.commands) settle(within, `${title} ${within.name()}`, context);
}
