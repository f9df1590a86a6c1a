// Writes errata, readings, proposals and vectors as an Internet-Draft in the form of kramdown-rfc. Without options it is the one of spec/draft/,
// which `npm run generate` keeps fresh and whose author is a placeholder. Who hands it in says who they are, and gets a file of their own.
// Usage: npm run draft -- [--author "Name, Organization, email"] [--name draft-AUTHOR-TOPIC-NN] [--repository URL] [--out FILE]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { modelsDirectory } from '../src/lab/models/index.ts';
import {
  draftFile,
  draftText,
  nameFor,
  parseAuthor,
  placeholder,
  requireName,
  type Submission,
} from '../src/lab/report/draft/index.ts';
import { loadAsked } from '../src/lab/report/models.ts';
import { loadSpec } from '../src/lab/spec/spec.ts';

const options = {
  author: { type: 'string' },
  name: { type: 'string' },
  repository: { type: 'string' },
  out: { type: 'string' },
} as const;

/** The submission that the options say, and where it is written. @throws Error that names what is wrong */
function chosen(): { readonly submission: Submission; readonly file: string } {
  const { values } = parseArgs({ options });
  const author = values.author === undefined ? placeholder.author : parseAuthor(values.author);
  const name = requireName(values.name ?? (values.author === undefined ? placeholder.name : nameFor(author)));
  const repository = values.repository ?? placeholder.repository;
  if (!URL.canParse(repository)) throw new Error(`${repository}: expected the URL of the repository`);
  const isPlaceholder = Object.keys(values).every((option) => option === 'out');
  const file = values.out ?? (isPlaceholder ? draftFile(name) : `reports/${name}.md`);
  return { submission: { name, author, repository }, file };
}

try {
  const { submission, file } = chosen();
  const text = draftText(loadSpec(), loadAsked(modelsDirectory), submission);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${file} written\n`);
} catch (error) {
  process.stderr.write(`draft: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
