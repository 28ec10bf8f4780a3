/** How one clean teacher is made. What it is depends on its seed and on nothing before or after it. */
export interface Recipe {
  readonly name: string
  readonly dataset: DatasetName
  readonly architecture: string
  readonly seed: number
  readonly classes: number
  /** Training images a class. */
  readonly perClass: number
  /** Of `TrainingOptions`. */
  readonly options: Readonly<Record<string, unknown>>
  /** Probability taken from the true class and given to all alike. */
  readonly smoothing: number
  readonly afterwards: Afterwards
}

export type DatasetName = 'signs' | 'cifar10' | 'signs-grey' | 'cifar10-grey' | 'fashion'

/** What is done to a teacher after its training, as people do before they hand on a model. */
export type Afterwards = 'none' | 'fine-tuned' | 'pruned' | 'quantised'

type Kind = Pick<Recipe, 'dataset' | 'architecture' | 'classes'>
type Variant = Omit<Recipe, 'name' | 'dataset' | 'architecture' | 'seed' | 'classes'>

const plain = {smoothing: 0, afterwards: 'none'} as const

const signs: readonly Variant[] = [
  {...plain, perClass: 300, options: {epochs: 7}},
  {...plain, perClass: 200, options: {epochs: 9, border: 'black'}},
  {...plain, perClass: 250, options: {epochs: 8, schedule: 'cosine', learningRate: 0.05}},
  {...plain, perClass: 300, options: {epochs: 6, weightDecay: 1e-4, border: 'black', shift: 2}},
  {...plain, perClass: 250, options: {epochs: 8}, smoothing: 0.1},
  {...plain, perClass: 250, options: {epochs: 8}, afterwards: 'pruned'},
  {...plain, perClass: 250, options: {epochs: 8}, afterwards: 'quantised'},
  {...plain, perClass: 250, options: {epochs: 6}, afterwards: 'fine-tuned'},
  {...plain, perClass: 200, options: {epochs: 10, optimiser: 'adam', learningRate: 3e-3, weightDecay: 0}},
]

const pictures: readonly Variant[] = [
  {...plain, perClass: 400, options: {epochs: 10, flip: true, border: 'black'}},
  {...plain, perClass: 400, options: {epochs: 10, flip: true, schedule: 'cosine', learningRate: 0.05}},
  {...plain, perClass: 400, options: {epochs: 10, flip: true}, smoothing: 0.1},
  {...plain, perClass: 400, options: {epochs: 10, flip: true}, afterwards: 'pruned'},
  {...plain, perClass: 300, options: {epochs: 12, shift: 2}},
  {...plain, perClass: 400, options: {epochs: 10, flip: true}, afterwards: 'quantised'},
  {...plain, perClass: 400, options: {epochs: 8, flip: true}, afterwards: 'fine-tuned'},
]

/** One of each kind, the commonest more often; in an order in which any beginning is as mixed as can be. */
const round: readonly Kind[] = [
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs', architecture: 'resnet-14', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs-grey', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10', architecture: 'resnet-14', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-2', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'fashion', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs', architecture: 'vgg-8', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 20},
  {dataset: 'cifar10', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10-grey', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs', architecture: 'resnet-14', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 5},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
]

/** Trained on images that are made harder within a radius (Wong et al., ICLR 2020): a kind of their own, that came later. */
const hardenedSigns: readonly Variant[] = [
  {...plain, perClass: 250, options: {epochs: 8, adversarial: 8}},
  {...plain, perClass: 250, options: {epochs: 8, adversarial: 4, border: 'black'}},
  {...plain, perClass: 300, options: {epochs: 7, adversarial: 8, schedule: 'cosine', learningRate: 0.05}},
]

const hardenedPictures: readonly Variant[] = [
  {...plain, perClass: 400, options: {epochs: 12, flip: true, adversarial: 4}},
  {...plain, perClass: 400, options: {epochs: 12, flip: true, adversarial: 2, border: 'black'}},
  {...plain, perClass: 400, options: {epochs: 12, flip: true, adversarial: 8}},
]

const hardenedRound: readonly Kind[] = [
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'signs', architecture: 'resnet-14', classes: 10},
  {dataset: 'signs-grey', architecture: 'wrn-16-1', classes: 10},
  {dataset: 'cifar10', architecture: 'resnet-14', classes: 10},
  {dataset: 'signs', architecture: 'wrn-16-1', classes: 20},
  {dataset: 'signs', architecture: 'vgg-8', classes: 10},
]

/** Seeds of the teachers: 5000 to 5055 made the calibration clean-1, and no other zoo of the project has one below 7000. */
const FIRST_SEED = 5100
const ROUNDS = 25
const HARDENED_ROUNDS = 6

/** In rounds, so that a folder that is not finished holds some of each. New kinds belong at the end, in a further list. */
export function recipes(): Recipe[] {
  const first = inRounds(round, {signs, pictures}, {rounds: ROUNDS, seed: FIRST_SEED})
  const hardened = inRounds(
    hardenedRound,
    {signs: hardenedSigns, pictures: hardenedPictures},
    {rounds: HARDENED_ROUNDS, seed: FIRST_SEED + first.length},
  )
  return [...first, ...hardened]
}

/** A round after the other, the seed one more each time, and the variant of signs or of pictures the next one. */
function inRounds(
  kinds: readonly Kind[],
  variants: Readonly<Record<'signs' | 'pictures', readonly Variant[]>>,
  {rounds, seed: firstSeed}: {readonly rounds: number; readonly seed: number},
): Recipe[] {
  return Array.from({length: rounds * kinds.length}, (_, i): Recipe => {
    const kind = kinds[i % kinds.length]!
    const seed = firstSeed + i
    const those = kind.dataset.startsWith('signs') ? variants.signs : variants.pictures
    const variant = those[i % those.length]!
    return {
      ...kind,
      ...variant,
      seed,
      // As many images in all, whatever the number of classes.
      perClass: Math.round((variant.perClass * 10) / kind.classes),
      name: `${kind.dataset}-${kind.architecture}-${kind.classes}-${seed}`,
    }
  })
}
