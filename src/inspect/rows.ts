// A table of numbers that grows. Each number takes 8 octets; an object for each row would take far more.

/** Rows of numbers, by their columns; the first row is 0. */
export interface Rows<Column extends string> {
  /** @returns the number of the row */
  readonly add: (row: Readonly<Record<Column, number>>) => number;
  readonly get: (column: Column, row: number) => number;
}

/** Rows in a block of the table. */
const blockRows = 8_192;

/** An empty table with these columns. It grows by blocks, so that nothing is copied and little stays unused. */
export function rows<Column extends string>(columns: readonly Column[]): Rows<Column> {
  const place = Object.fromEntries(columns.map((column, i) => [column, i])) as Record<Column, number>;
  const blocks: Float64Array[] = [];
  let count = 0;
  return {
    add: (row) => {
      const within = count % blockRows;
      if (within === 0) blocks.push(new Float64Array(blockRows * columns.length));
      const block = blocks.at(-1);
      for (const column of columns) if (block) block[within * columns.length + place[column]] = row[column];
      count += 1;
      return count - 1;
    },
    get: (column, row) =>
      blocks[Math.floor(row / blockRows)]?.[(row % blockRows) * columns.length + place[column]] ?? Number.NaN,
  };
}
