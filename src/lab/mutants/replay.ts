// `pquake replay` with the mutants of properties/: npm run replay -- FILE [--octets]
import { parseArgs } from 'node:util';
import { runReplay } from '../adversary/command.ts';
import { broken, mutants } from './index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { octets: { type: 'boolean' }, json: { type: 'boolean' } },
});
const [file] = positionals;
if (file === undefined) {
  console.error('usage: npm run replay -- FILE [--octets] [--json]');
  process.exitCode = 2;
} else {
  process.exitCode = runReplay(file, values, (variant, id) => {
    const mutant = mutants.find((one) => one.id === id);
    return mutant && broken(variant, mutant);
  });
}
