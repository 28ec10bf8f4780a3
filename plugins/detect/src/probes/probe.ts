import type {Images, Trigger} from '@abd/core/data'

/** A change to images that no attacker need have chosen, to see whether the network obeys it. */
export interface Probe {
  readonly name: string
  /** Probes of one family share a null: global patterns move clean networks more than patches do. */
  readonly family: 'patch' | 'pattern'
  apply(images: Images): Images
  /** The same as data, where it is an affine change of pixels: what its random controls are made from. */
  readonly trigger?: Trigger
}
