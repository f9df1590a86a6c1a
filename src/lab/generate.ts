// Generates from runs of the code: models/generated/ from src/protocol on terms, and the tables of pages about cases, models and
// verdicts. It imports src/generated/, so it runs in a process of its own, after that was written.
import { readFileSync } from 'node:fs';
import { latticeFiles } from './lattice/index.ts';
import { generatedDirectory, modelFiles, modelsDirectory } from './models/index.ts';
import { loadAssumptions } from './prove/index.ts';
import { ambiguityTables, loadAmbiguities } from './report/ambiguities.ts';
import { assumptionsPage } from './report/assumptions.ts';
import { bindingTables } from './report/binding.ts';
import { boundTables } from './report/bounds.ts';
import { conformanceTables } from './report/conformance.ts';
import { controlsPage } from './report/controls.ts';
import { draftFile, draftText, placeholder } from './report/draft/index.ts';
import { loadEvidence } from './report/evidence.ts';
import { furtherTables } from './report/further.ts';
import { harvestTables } from './report/harvest.ts';
import { loadAsked, modelTables, mutantTables, verdictsOf } from './report/models.ts';
import { proposalTables } from './report/proposals.ts';
import { modelsPage, queriesPage } from './report/queries.ts';
import { traceabilityJson, traceabilityTables } from './report/traceability.ts';
import { loadSpec, type Spec } from './spec/spec.ts';
import { fillTables } from './spec/text.ts';
import { type Rendered, settle, tell } from './spec/written.ts';

const fill = (page: string, tables: Readonly<Record<string, string>>): [string, string] => [
  page,
  fillTables(page, readFileSync(page, 'utf8'), tables),
];

const renderModels = (spec: Spec): Rendered =>
  new Map([...modelFiles(spec), fill('spec/conformance.md', conformanceTables())]);

/** The pages about the present models and the recorded verdicts: they come after the models. */
function renderVerdicts(spec: Spec): Rendered {
  const asked = loadAsked(modelsDirectory);
  const ambiguities = ambiguityTables(spec, asked, (protocol) => verdictsOf(asked, protocol));
  return new Map([
    fill('models/README.md', modelTables(asked)),
    fill('models/mutants.md', mutantTables(asked)),
    fill('models/further.md', furtherTables(asked, spec)),
    ['models/queries.md', queriesPage(asked)],
    ['models/models.md', modelsPage(asked)],
    ['models/assumptions.md', assumptionsPage(loadAssumptions(modelsDirectory) ?? [])],
    fill('models/bounds.md', boundTables(asked, spec)),
    fill('models/kem-binding.md', bindingTables(asked)),
    fill('models/harvest.md', harvestTables(asked)),
    ...latticeFiles(modelsDirectory),
    ['models/controls.md', controlsPage(loadEvidence(modelsDirectory))],
    fill('spec/readings.md', ambiguities),
    fill('spec/proposals.md', proposalTables(spec)),
    fill('spec/traceability.md', traceabilityTables(asked, spec.requirements)),
    ['spec/traceability.json', traceabilityJson(asked, spec.requirements)],
    [draftFile(placeholder.name), draftText(spec, asked, placeholder)],
  ]);
}

const check = process.argv.includes('--check');
const spec = loadSpec();
loadAmbiguities(spec); // refuses bad ones before the runs of the code
const models = settle(renderModels(spec), [generatedDirectory], check);
const pages = settle(renderVerdicts(spec), ['spec/draft'], check);
const done = { files: models.files + pages.files, changed: [...models.changed, ...pages.changed] };
process.exitCode = tell('models and pages', done, check);
