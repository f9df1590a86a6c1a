// Runs the independent checker of the vectors if there is a Python 3; else it says so.
import { spawnSync } from 'node:child_process';
import { print } from '../../node/terminal/output.ts';

const { error, status } = spawnSync('python3', ['src/lab/vectors/verify-vectors.py'], { stdio: 'inherit' });
if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
  print('vectors: NOT checked by src/lab/vectors/verify-vectors.py, as there is no python3 here');
} else process.exitCode = status ?? 1;
