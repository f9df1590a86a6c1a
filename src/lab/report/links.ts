// Links between the pages of models/.

/** The provers, as people write them. */
export const proverNames: Readonly<Record<string, string>> = {
  proverif: 'ProVerif',
  cryptoverif: 'CryptoVerif',
  verifpal: 'Verifpal',
};
/** Text as code. */
export const code = (text: string): string => `\`${text}\``;

/** The anchor that a heading of Markdown gets. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** The heading of a query in queries.md. */
export const queryHeading = (tool: string, id: string): string => `${id} (${proverNames[tool]})`;

/** A link to a query, from a page in models/. */
export const queryLink = (tool: string, id: string): string =>
  `[${code(id)}](queries.md#${anchorOf(queryHeading(tool, id))})`;

/** A link to a model, from a page in models/. */
export const modelLink = (id: string): string => `[${code(id)}](models.md#${anchorOf(id)})`;
