/** `cpu` runs anywhere on Linux; `cuda` brings NVIDIA's CUDA 12 libraries along and falls back to the processor. */
export const flavours = ['cpu', 'cuda'] as const
export type Flavour = (typeof flavours)[number]

/** A wheel on the Python package index, pinned by its hash. */
export interface Wheel {
  readonly project: string
  readonly version: string
  readonly sha256: string
}

/** What pip has to fetch, whatever Python and platform the user has himself. */
export interface Release {
  readonly python: string
  /** As wheels name them, best first. */
  readonly platforms: readonly string[]
  /** The first holds libtensorflow, the others what it needs beside it. */
  readonly wheels: readonly [Wheel, ...Wheel[]]
  /** Bytes to download, and bytes that the installation and its making need on the disk. */
  readonly download: number
  readonly disk: number
}

/** The TensorFlow that the engine is built against. */
export const tensorflowVersion = '2.21.0'

/** Part of an installation's name: raised when what is compiled or unpacked changes. */
export const installationRevision = 1

/** Undefined where no TensorFlow is built for this machine (its wheels need Linux with glibc). */
export const releaseFor = (flavour: Flavour): Release | undefined =>
  hasGlibc() ? releases[`${process.platform}-${process.arch}-${flavour}`] : undefined

function hasGlibc(): boolean {
  if (process.platform !== 'linux') return false
  const {header} = process.report.getReport() as {header?: {glibcVersionRuntime?: string}}
  return header?.glibcVersionRuntime !== undefined
}

const tensorflow = (project: string, sha256: string): Wheel => ({project, version: tensorflowVersion, sha256})
const nvidia = (library: string, version: string, sha256: string): Wheel => ({
  project: `nvidia-${library}-cu12`,
  version,
  sha256,
})

const releases: Readonly<Record<string, Release>> = {
  'linux-x64-cpu': {
    python: '3.11',
    platforms: ['manylinux_2_27_x86_64'],
    wheels: [
      tensorflow('tensorflow-cpu', '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c'),
    ],
    download: 274e6,
    disk: 1.2e9,
  },
  'linux-arm64-cpu': {
    python: '3.11',
    platforms: ['manylinux_2_27_aarch64'],
    wheels: [tensorflow('tensorflow', '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c')],
    download: 282e6,
    disk: 1.2e9,
  },
  'linux-x64-cuda': {
    python: '3.11',
    platforms: ['manylinux_2_27_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'],
    wheels: [
      tensorflow('tensorflow', '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124'),
      nvidia('cublas', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
      nvidia('cuda-cupti', '12.8.90', 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182'),
      nvidia('cuda-nvcc', '12.9.86', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'),
      nvidia('cuda-nvrtc', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
      nvidia('cuda-runtime', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'),
      nvidia('cudnn', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
      nvidia('cufft', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
      nvidia('curand', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
      nvidia('cusolver', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
      nvidia('cusparse', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
      nvidia('nccl', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
      nvidia('nvjitlink', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
    ],
    download: 3e9,
    disk: 10e9,
  },
}
