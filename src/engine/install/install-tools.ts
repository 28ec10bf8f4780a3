import {environmentError} from '../../errors.ts'
import {findCompiler} from './compile-binding.ts'
import {onWasm} from './on-wasm.ts'
import {findPip} from './pip.ts'
import {releaseFor} from './releases.ts'
import type {Flavour, Release} from './releases.ts'

/** What an installation is made with. */
export interface Tools {
  readonly release: Release
  readonly python: string
  readonly compiler: readonly [string, ...string[]]
}

/** Says what is missing before anything is downloaded: E_ENGINE_PLATFORM, E_ENGINE_PIP or E_ENGINE_COMPILER. */
export async function requireTools(flavour: Flavour): Promise<Tools> {
  const release = releaseFor(flavour)
  if (!release)
    throw environmentError({
      code: 'E_ENGINE_PLATFORM',
      message: `There is no TensorFlow engine (${flavour}) for ${process.platform} ${process.arch}.`,
      hints: ['It runs on Linux with glibc: x64 (cpu and cuda) and arm64 (cpu).', onWasm],
    })
  const [python, compiler] = await Promise.all([findPip(), findCompiler()])
  if (!python)
    throw environmentError({
      code: 'E_ENGINE_PIP',
      message: 'pip, which fetches TensorFlow, was not found: neither python3 nor python has it.',
      hints: ['Install it, for example: sudo apt install python3-pip', onWasm],
    })
  if (!compiler)
    throw environmentError({
      code: 'E_ENGINE_COMPILER',
      message: 'No C++ compiler was found; tried $CXX, g++, c++ and clang++.',
      hints: ['Install one, for example: sudo apt install g++', onWasm],
    })
  return {release, python, compiler}
}
