import type {ScanFinding} from './scan-finding.ts'

export interface ScanRule {
  /** Never reused and never given a new meaning. F00x pickles, F02x zip archives, F04x weights, F05x graphs, F06x the file itself. */
  readonly id: `ABD-F${number}`
  readonly severity: ScanFinding['severity']
  readonly title: string
  /** What it means and what to do. */
  readonly help: string
}

const rule = (id: ScanRule['id'], severity: ScanRule['severity'], title: string, help: string): ScanRule => ({
  id,
  severity,
  title,
  help,
})

const RESAVE = 'Ask for the weights alone, as safetensors or as torch.save(model.state_dict(), …).'

/** What a scan can find. docs/scan-rules.md holds the same table. */
export const scanRules = {
  dangerousGlobal: rule(
    'ABD-F001',
    'critical',
    'Names a Python function that runs code',
    'A pickle imports and calls what it names when it is loaded, and no model needs this function. Do not load the file with PyTorch; treat its source as hostile.',
  ),
  unknownCall: rule(
    'ABD-F002',
    'high',
    'Calls a function that is not on the allow-list',
    `Loading the file with torch.load(weights_only=False) would call it, or have it called. Weights need no such call. ${RESAVE}`,
  ),
  unknownObject: rule(
    'ABD-F003',
    'medium',
    'Builds objects of a class that abd does not know',
    `The file holds more than weights, such as a whole pickled model; loading it runs code of that class. ${RESAVE}`,
  ),
  libraryObject: rule(
    'ABD-F004',
    'low',
    'Builds objects of a machine-learning library',
    `The file holds pickled layers or optimisers of a known library beside its weights. ${RESAVE}`,
  ),
  unknownGlobal: rule(
    'ABD-F005',
    'info',
    'Names something that abd does not know, without using it',
    'Loading the file would import the module of that name.',
  ),
  extensionCode: rule(
    'ABD-F006',
    'high',
    'Uses a pickle extension code',
    `What a code stands for is decided by the Python that loads it, so nobody can tell from the file. ${RESAVE}`,
  ),
  patchesGlobal: rule(
    'ABD-F007',
    'high',
    'Changes a class or a function instead of an object',
    'BUILD on a global overwrites attributes of the Python that loads the file. No model does that.',
  ),
  trailingData: rule(
    'ABD-F008',
    'medium',
    'Data after the end of the pickle',
    'Nothing that loads the pickle reads it: a place to hide things, or the sign of a damaged file.',
  ),
  secondPickle: rule(
    'ABD-F009',
    'high',
    'A second pickle after the end of the first',
    'Scanners that stop at the first STOP do not see it. It is scanned here too.',
  ),
  nestedPickle: rule(
    'ABD-F010',
    'medium',
    'A pickle within the pickle',
    `torch.storage._load_from_bytes unpickles its argument without restrictions. The inner pickles are scanned too. ${RESAVE}`,
  ),
  hiddenPickle: rule(
    'ABD-F011',
    'high',
    'A pickle hidden in a value',
    'Bytes or text in the pickle are themselves a pickle, perhaps in hex or base64: a scanner that stops at the outer one misses what it does, and it only waits for something to load it. It is scanned here too.',
  ),
  codeInPickle: rule(
    'ABD-F012',
    'high',
    'Program text in a value of the pickle',
    'A text that runs code or starts programs has no business among weights: it only waits for something to run it.',
  ),
  unsafeName: rule(
    'ABD-F020',
    'high',
    'An entry whose name leads out of its folder',
    'Unpacking the archive would write to another place. No tool writes such model files by accident.',
  ),
  duplicateName: rule(
    'ABD-F021',
    'high',
    'Two entries of one name',
    'Readers differ in which one they take (PyTorch ignores case), so that a scanner may see another one than the loader.',
  ),
  mismatchedHeaders: rule(
    'ABD-F022',
    'high',
    'The directory and an entry contradict each other',
    'A zip archive describes each entry twice, and its directory at its end; where these differ, readers differ in what they see.',
  ),
  oddFlags: rule(
    'ABD-F023',
    'high',
    'An entry marked as encrypted or patched',
    'PyTorch ignores these marks and loads the entry; many scanners give up on them.',
  ),
  checksum: rule(
    'ABD-F024',
    'medium',
    'An entry does not have the checksum that the archive states',
    'The file was damaged or changed after it was written. Fetch it again from its source.',
  ),
  overlappingEntries: rule(
    'ABD-F025',
    'high',
    'Entries of the archive overlap',
    'The same bytes are read as two different entries: a trick of zip bombs and of archives that hide things.',
  ),
  unlistedBytes: rule(
    'ABD-F026',
    'medium',
    'Bytes in the archive that belong to no entry',
    'A place to hide data, or a second archive.',
  ),
  extraPickle: rule(
    'ABD-F027',
    'medium',
    'A further pickle in the archive',
    'torch.save writes one pickle, data.pkl. The further one is scanned too.',
  ),
  symbolicLink: rule(
    'ABD-F028',
    'high',
    'An entry that is a symbolic link',
    'Unpacking the archive would make a link to a place outside it.',
  ),
  nestedArchive: rule(
    'ABD-F029',
    'medium',
    'An archive within the archive',
    'A place to hide a second model from scanners and reviewers. Unpack it and scan what is in it.',
  ),
  program: rule(
    'ABD-F030',
    'high',
    'A program among the weights',
    'An entry or a value is a program or a script by its name or its first bytes. No model needs one.',
  ),
  unownedBytes: rule(
    'ABD-F040',
    'medium',
    'Bytes that belong to no tensor',
    'The format forbids holes and trailing data; they are a place to hide things.',
  ),
  nonFinite: rule(
    'ABD-F041',
    'medium',
    'Weights that are not finite',
    'NaN or infinite weights make every output NaN. The training diverged, or the file was damaged.',
  ),
  storageSize: rule(
    'ABD-F042',
    'low',
    'A storage with more bytes than it states',
    'The surplus is never loaded: a place to hide data.',
  ),
  payloadInText: rule(
    'ABD-F043',
    'high',
    'Program text beside the weights',
    'A description holds code. abd runs none of it, but somebody meant it to be run: treat the source as hostile.',
  ),
  severalStateDicts: rule(
    'ABD-F044',
    'medium',
    'A checkpoint with several state dicts',
    'One of them was taken, and what the file is loaded for may be another. Name the one that is used with --key, or save its weights alone.',
  ),
  externalData: rule(
    'ABD-F050',
    'high',
    'Weights that lie outside the folder of the model',
    'Loading it would read a file that the model chooses: an absolute path, one that leads out of the folder, or an address on the network.',
  ),
  codeLayer: rule(
    'ABD-F051',
    'high',
    'A layer that is a program',
    'Keras runs the Python of a Lambda layer when it loads or calls the model. Do not load it with Keras; ask for a model without it.',
  ),
  customObject: rule(
    'ABD-F052',
    'high',
    'A layer, loss or metric that Keras does not know',
    'Loading the model needs code of whoever made it, or runs what is registered under that name.',
  ),
  foreignModule: rule(
    'ABD-F053',
    'high',
    'An object of a module that is not Keras',
    'Keras imports the module that the file names and calls what is in it (CVE-2025-1550): code of the file’s choice.',
  ),
  customOperator: rule(
    'ABD-F054',
    'medium',
    'An operator of a custom domain',
    'Running the graph loads a library of operators that the file names; what it does cannot be told from the file.',
  ),
  fileOperator: rule(
    'ABD-F055',
    'high',
    'An operator that reads or writes files',
    'Running the graph touches the disk or runs Python. No classifier does that.',
  ),
  wrongExtension: rule(
    'ABD-F060',
    'low',
    'The extension names another format',
    'abd reads files by their content. Rename the file, so that other tools treat it as what it is.',
  ),
  disguisedPickle: rule(
    'ABD-F061',
    'medium',
    'A pickle under the name of a format without code',
    'Whoever trusts the extension takes the file for harmless. Rename it, and ask who named it so.',
  ),
  tooManyFindings: rule(
    'ABD-F062',
    'info',
    'More findings than are listed',
    'The list was cut; the first ones of each kind are in it.',
  ),
  polyglot: rule(
    'ABD-F063',
    'high',
    'A file of two formats at once',
    'Two programs would read two different things in it: a trick against scanners.',
  ),
  duplicateField: rule(
    'ABD-F064',
    'medium',
    'A key that is there twice',
    'Readers differ in which one they take: what one shows, the other need not load.',
  ),
} as const satisfies Record<string, ScanRule>

export type ScanRuleName = keyof typeof scanRules

/** Names in a file may have megabytes. */
const MAX_MESSAGE = 400

/** `offset`: the byte in the file, or null where it is not one place (compressed entries, weights). */
export const finding = (name: ScanRuleName, message: string, offset: number | null): ScanFinding => ({
  rule: scanRules[name].id,
  severity: scanRules[name].severity,
  message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message,
  offset,
})

const order = ['critical', 'high', 'medium', 'low', 'info'] as const

/** Worst first, then by place. */
export const ranked = (findings: readonly ScanFinding[]): ScanFinding[] =>
  findings.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (a.offset ?? -1) - (b.offset ?? -1),
  )
