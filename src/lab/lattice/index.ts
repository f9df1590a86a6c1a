// For the script that writes pages: what is generated from the record of the lattice.
import { join } from 'node:path';
import { cellsText } from './cells.ts';
import { cellsFile } from './check.ts';
import { pageText } from './page.ts';
import { pictureText } from './picture.ts';
import { loadReasons } from './reasons.ts';
import { readRecord, recordFile, settledBy } from './record.ts';

/** The page, the picture and the list of cells, by path. */
export function latticeFiles(directory: string): [string, string][] {
  const entries = [...readRecord(recordFile(directory)).values()];
  const all = settledBy(entries);
  return [
    [join(directory, 'lattice.md'), pageText(all, entries, loadReasons(directory))],
    [join(directory, 'lattice.svg'), pictureText(all)],
    [cellsFile(directory), cellsText(all)],
  ];
}
