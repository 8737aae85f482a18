import { CORPUS_TIME_S, VOCABULARY, sourceCode } from './prose.ts';
import { createRandom } from './random.ts';
import { createTreeWriter, type TreeTotals } from './tree-writer.ts';

const FILE_COUNT = 100_000;
const FOLDER_COUNT = 5_000;
const FILE_BYTES_MIN = 205;
const FILE_BYTES_MAX = 8192;
const MEDIAN_BYTES = 1800;
const LOG_DEVIATION = 0.9;
const EXTENSIONS = ['.js', '.ts', '.c', '.py', '.json', '.md'] as const;

/** Many small files in many folders, like a developer's projects: 20 a folder, nearly all of them text. */
export function writeSmallFiles(root: string, scale: number): TreeTotals {
  const random = createRandom('small files');
  const count = Math.max(1, Math.round(FILE_COUNT * scale));
  const folders = folderNames(Math.max(1, Math.round(FOLDER_COUNT * scale)));
  const tree = createTreeWriter(root);
  for (let index = 0; index < count; index++) {
    const drawn = Math.exp(random.normal(Math.log(MEDIAN_BYTES), LOG_DEVIATION));
    const bytes = Math.floor(Math.min(FILE_BYTES_MAX, Math.max(FILE_BYTES_MIN, drawn)));
    const content = sourceCode(createRandom(`small files ${index}`), bytes);
    const word = VOCABULARY[1000 + Math.floor(index / folders.length) * 37 + (index % 30)];
    const name = `${folders[index % folders.length]}/${word}_${index}${EXTENSIONS[index % EXTENSIONS.length]}`;
    tree.write(name, content, CORPUS_TIME_S - index);
  }
  return tree.finish();
}

/** Projects of ten by ten folders. */
function folderNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const [project, middle, leaf] = [Math.floor(index / 100), Math.floor(index / 10) % 10, index % 10];
    return `proj${String(project).padStart(2, '0')}/${VOCABULARY[300 + middle]}${middle}/${VOCABULARY[400 + leaf]}${leaf}`;
  });
}
