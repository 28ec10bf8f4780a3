import eslint from '@eslint/js'
import {defineConfig, globalIgnores} from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const backends = {
  group: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-*', '@tensorflow/tfjs-node*', '#vendor/tfjs-node/**'],
  message: 'Only src/engine opens a backend; everyone else uses @tensorflow/tfjs-core.',
}
const oclif = {group: ['@oclif/*', '@abd/cli'], message: 'Only commands, hooks and cli/ know oclif.'}
const plugins = {group: ['@abd/plugin-*'], message: 'Plugins are found through the registry.'}
const core = {
  group: ['@abd/core', '@abd/core/*'],
  message: 'Inside the core, import the file by its relative path.',
}
// `abd --help` loads every command module: what is heavy is imported where it runs.
const heavy = {
  group: ['@abd/core/*', '@tensorflow/*', 'echarts', 'hono'],
  allowTypeImports: true,
  message: 'Import it inside run(): abd --help loads this module.',
}

const imports = (...patterns) => ({'@typescript-eslint/no-restricted-imports': ['error', {patterns}]})

/** Folders of src that a folder may not know, not even by type where the layers are turned round. */
const layer = (folder, ...forbidden) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: imports(backends, oclif, plugins, core, {
    group: forbidden.map((name) => `**/${name}/**`),
    allowTypeImports: true,
    message: `src/${folder} is a lower layer (docs/architecture.md).`,
  }),
})

const syntax = [
  {
    selector: 'CallExpression[callee.property.name=/^(dataSync|arraySync)$/]',
    message: 'It blocks, and some engines cannot: await data() or array().',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Random numbers come from the context, seeded.',
  },
  {
    selector: ':function:has(VariableDeclaration[kind=/using/]) ImportExpression[source.value=/^\\./]',
    message:
      'tsc 6 leaves this .ts as it is in dist (the function has `using`): put the import into a function of its own.',
  },
]
const exit = {
  selector: 'MemberExpression[object.name="process"][property.name="exit"]',
  message: 'Throw an AbdError, or set process.exitCode: output and files must be flushed.',
}

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'src/vendor/', 'src/assets/', 'coverage/', '*-report/']),
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  eslint.configs.recommended,
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {globals: globals.node},
    rules: {'no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}]},
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname}},
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true},
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      // Interfaces ask for promises and callbacks that an implementation may not need.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // There are no classes: object literals do not need `this`.
      '@typescript-eslint/unbound-method': 'off',
      // An empty string is often as good as none, and a cast can say more than an exclamation mark.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // process.env['X'] and index signatures are told apart from known fields by the compiler.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['**/*.{ts,js,mjs}'],
    rules: {
      eqeqeq: ['error', 'always', {null: 'ignore'}],
      'max-lines': ['error', {max: 400}],
      'max-params': ['error', {max: 5}],
      'no-restricted-syntax': ['error', ...syntax, exit],
      'object-shorthand': 'error',
    },
  },
  {files: ['bench/**', 'bin/**', 'scripts/**'], rules: {'no-restricted-syntax': ['error', ...syntax]}},
  {
    files: ['src/**/*.ts', 'plugins/**/*.ts', 'cli/**/*.ts', 'commands/**/*.ts', 'hooks/**/*.ts'],
    rules: {'no-console': 'error'},
  },

  // Who may import what; the later block wins.
  {files: ['src/**/*.ts'], rules: imports(backends, oclif, plugins, core)},
  layer('math', 'nn', 'data', 'train', 'audit', 'distil', 'report', 'modelfile', 'engine', 'testing'),
  layer('nn', 'data', 'train', 'audit', 'distil', 'report', 'testing'),
  layer('modelfile', 'data', 'train', 'audit', 'distil', 'report', 'testing'),
  layer('data', 'train', 'audit', 'distil', 'report', 'testing'),
  layer('train', 'audit', 'distil', 'report', 'testing'),
  layer('audit', 'distil', 'testing'),
  layer('report', 'nn', 'data', 'train', 'engine', 'testing'),
  {files: ['src/engine/**/*.ts'], rules: imports(oclif, plugins, core)},
  {
    files: ['src/index.ts'],
    rules: imports(backends, oclif, plugins, core, {...heavy, group: ['@tensorflow/*', './*/**']}),
  },
  {files: ['plugins/*/src/**/*.ts'], rules: imports(backends, oclif, plugins)},
  {files: ['plugins/*/src/hooks/**/*.ts'], rules: imports(backends, plugins)},
  {
    files: ['commands/**/*.ts', 'hooks/**/*.ts', 'cli/**/*.ts', 'plugins/*/src/commands/**/*.ts'],
    rules: imports(backends, plugins, heavy),
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
)
