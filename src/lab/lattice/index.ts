// For the script that writes pages: what is generated from the record of the lattice.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillTables } from '../spec/text.ts';
import { cellsText } from './cells.ts';
import { cellsFile } from './check.ts';
import { latticeTables } from './page.ts';
import { pictureText } from './picture.ts';
import { loadReasons } from './reasons.ts';
import { readRecord, recordFile, settledBy } from './record.ts';

/** The page, the picture and the list of cells, by path. */
export function latticeFiles(directory: string): [string, string][] {
  const entries = [...readRecord(recordFile(directory)).values()];
  const all = settledBy(entries);
  const page = join(directory, 'lattice.md');
  const tables = latticeTables(all, entries, loadReasons(directory));
  return [
    [page, fillTables(page, readFileSync(page, 'utf8'), tables)],
    [join(directory, 'lattice.svg'), pictureText(all)],
    [cellsFile(directory), cellsText(all)],
  ];
}
