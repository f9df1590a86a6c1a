// The public API of the package as a report that people review: spec/api/. With --check it fails when a declaration differs.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Extractor, ExtractorConfig, type IConfigFile } from '@microsoft/api-extractor';

const reports = 'spec/api';
const entries = {
  pquake: 'dist/index.d.ts',
  'pquake-node': 'dist/node/index.d.ts',
  'pquake-provenance': 'dist/provenance/index.d.ts',
};

const configuration = (name: string, entry: string): IConfigFile => ({
  projectFolder: resolve('.'),
  mainEntryPointFilePath: resolve(entry),
  compiler: { tsconfigFilePath: resolve('tsconfig.json') },
  apiReport: {
    enabled: true,
    reportFileName: name,
    reportFolder: resolve(reports),
    reportTempFolder: resolve('reports/api'),
  },
  docModel: { enabled: false },
  dtsRollup: { enabled: false },
  tsdocMetadata: { enabled: false },
});

/** Compares or writes the report of an entry. @returns whether it is what the declarations say */
function report(name: string, entry: string, check: boolean): boolean {
  const extractorConfig = ExtractorConfig.prepare({
    configObject: configuration(name, entry),
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
  });
  const { apiReportChanged } = Extractor.invoke(extractorConfig, {
    localBuild: !check,
    messageCallback: (message) => {
      message.handled = true; // The differences are told below; comments are not written in TSDoc.
    },
  });
  return !apiReportChanged;
}

mkdirSync('reports/api', { recursive: true });
mkdirSync(reports, { recursive: true });
const check = process.argv.includes('--check');
const changed = Object.entries(entries)
  .filter(([name, entry]) => !report(name, entry, check))
  .map(([name]) => `${reports}/${name}.api.md`);
if (check && changed.length > 0) {
  console.error(
    `the public API is not the one of these reports; run \`npm run api\` and review: ${changed.join(', ')}`,
  );
  process.exitCode = 1;
} else console.log(`${Object.keys(entries).length} reports of the public API, ${changed.length} written`);
