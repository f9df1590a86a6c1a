// How commands of models say why a model is refused.
import { ConfigurationError } from '../../configuration.ts';
import { FileError } from '../../node/files/fileErrors.ts';
import { note, printJson } from '../../node/terminal/output.ts';
import type { ProvenanceRefusal } from '../../provenance/contract.ts';

/**
 * Says why a model is refused, on standard error, and with `--json` on standard output too. There `path` is the file or field in
 * question: the name of a file in the model, or the path of a signature.
 * @returns 1, the exit status
 */
export function reportRefusal(
  model: string,
  { code, detail, path }: ProvenanceRefusal,
  json: boolean | undefined,
): number {
  const message = detail ?? code;
  const where = path === undefined || message.startsWith(path) ? '' : `${path}: `;
  if (json) printJson({ ok: false, code, message, path: path ?? null });
  note(`pquake: ${model}: refused: ${code}: ${where}${message}`);
  return 1;
}

/** Runs an action; with `--json` a file that cannot be used is told in the same members as a refusal. */
export async function withRefusals(json: boolean | undefined, action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!json || !(error instanceof ConfigurationError)) throw error;
    const path = error instanceof FileError ? error.file : null;
    printJson({ ok: false, code: 'configuration', message: error.message, path });
    note(`pquake: ${error.message}`);
    return 1;
  }
}
