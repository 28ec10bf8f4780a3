import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openMlflow} from '../../src/track/client/mlflow-client.ts'
import {VERSION} from '../../src/version.ts'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {zip} from '../core/modelfile/build-zip.ts'
import {startFakeMlflow} from '../fixtures/track/fake-mlflow.ts'
import {settingsFor} from '../fixtures/track/settings-for.ts'
import {TOKEN, fakeGitHub} from './fake-github.ts'
import {pullRequest, runAction} from './pull-request.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

/** Runs a program when Python loads it: abd blocks it without a look at the network. */
const dangerous = pickle(osSystem)
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`
const added = (...names: string[]) => names.map((filename) => ({filename, status: 'added'}))

// Two at a time (`maxConcurrency`): each waits for git, a server and children of its own.
describe.concurrent('the bundled action', () => {
  it('turns the check red for a dangerous model, with comment, summary, SARIF and annotation', async () => {
    await using github = await fakeGitHub({files: added('models/teacher.pt')})
    using pull = pullRequest({}, {'models/teacher.pt': dangerous})

    const {code, outputs, summary, log, left} = await runAction(dist, pull, {api: github.url})

    expect(log).toContain('::error title=abd%3A block,file=models/teacher.pt::')
    expect(code).toBe(1)
    expect(outputs).toMatchObject({verdict: 'block', audited: '1', flagged: '1', errors: '0', models: '1'})
    expect(summary).toContain('Backdoor audit: 1 block')
    expect(github.state.comments).toHaveLength(1)
    expect(github.state.comments[0]!.body).toMatch(
      /^<!-- abd-gate:v1 [0-9a-f]{16} -->\n## Backdoor audit: 1 block/,
    )
    expect(outputs['comment-url']).toBe(github.state.comments[0]!.html_url)
    const sarif = JSON.parse(readFileSync(outputs['sarif']!, 'utf8'))
    expect(sarif.runs[0].results.map(({ruleId}: {ruleId: string}) => ruleId)).toContain('ABD-V001')
    expect(sarif.runs[0].artifacts[0].location.uri).toBe('models/teacher.pt')
    const report = JSON.parse(readFileSync(join(outputs['report']!, 'report.json'), 'utf8'))
    expect(report).toMatchObject({verdict: 'block', model: {path: 'models/teacher.pt'}})
    // The copies of models are gone, the report stays for an upload.
    expect(left).toHaveLength(1)
    expect(log).not.toMatch(new RegExp(`(?<!::add-mask::)${TOKEN}`))
    expect(log).toContain(`::add-mask::${TOKEN}`)
  })

  it('rewrites its comment on the second push and leaves that of others alone', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    await runAction(dist, pull, {api: github.url})
    const [first] = github.state.comments
    // Somebody quotes the marker before ours.
    const spoof = {...first!, id: 1, user: {login: 'mallory'}}
    github.state.comments.unshift(spoof)
    github.state.files = []

    const {code, outputs} = await runAction(dist, pull, {api: github.url, changedFiles: 0})

    expect({code, verdict: outputs['verdict']}).toEqual({code: 0, verdict: 'skipped'})
    expect(github.state.comments).toHaveLength(2)
    expect(github.state.comments[0]!.body).toContain('1 block')
    expect(github.state.comments[1]!.body).toContain('no models')
  })

  it('says error, not pass, for a Git LFS pointer, a symbolic link and a format that it cannot read', async () => {
    await using github = await fakeGitHub({files: added('lfs.pt', 'link.pt', 'x.onnx', 'gone.pt')})
    using pull = pullRequest({}, {'lfs.pt': pointer, 'link.pt': {link: '/etc/passwd'}, 'x.onnx': 'onnx'})

    const {code, outputs, summary} = await runAction(dist, pull, {api: github.url, changedFiles: 4})

    expect(code).toBe(1)
    expect(outputs).toMatchObject({verdict: 'error', errors: '4', audited: '0'})
    expect(summary).toContain('Git LFS pointer')
    expect(summary).toContain('lfs: true')
    expect(summary).toContain('symbolic link')
    expect(summary).toContain('not in the work tree')
    expect(summary).not.toContain('root:x')
  })

  it('tells of 200 models within the limits of GitHub', async () => {
    const names = Array.from({length: 200}, (_, i) => `models/${'long-name-'.repeat(8)}${i}.pt`)
    await using github = await fakeGitHub({files: added(...names)})
    using pull = pullRequest({}, Object.fromEntries(names.map((name) => [name, pointer])))

    const {code, outputs, log, summary} = await runAction(dist, pull, {api: github.url, changedFiles: 200})

    expect([code, outputs['models'], outputs['errors']]).toEqual([1, '200', '200'])
    expect(log.split('\n').filter((line) => line.startsWith('::error'))).toHaveLength(10)
    expect(github.state.comments).toHaveLength(1)
    expect(github.state.comments[0]!.body.length).toBeLessThan(65_536)
    expect(Buffer.byteLength(summary)).toBeLessThan(2 ** 20)
    expect(JSON.parse(outputs['matrix']!)).toHaveLength(200)
  })

  it('takes a zip bomb for an error, and leaves nothing of it', async () => {
    const bomb = zip([{name: 'archive/data.pkl', bytes: new Uint8Array(2 ** 22), deflate: true}])
    await using github = await fakeGitHub({files: added('bomb.pt')})
    using pull = pullRequest({}, {'bomb.pt': bomb})

    const {code, outputs, summary, left} = await runAction(dist, pull, {api: github.url})

    expect([code, outputs['verdict']]).toEqual([1, 'error'])
    expect(summary).toContain('zip bomb')
    // Not by the name of the private copy.
    expect(summary).toContain('- bomb.pt: entry')
    expect(left).toHaveLength(1)
  })

  it('passes with on-error: warn, and says so', async () => {
    await using github = await fakeGitHub({files: added('lfs.pt')})
    using pull = pullRequest({}, {'lfs.pt': pointer})

    const {code, outputs, log} = await runAction(dist, pull, {api: github.url, inputs: {'on-error': 'warn'}})

    expect({code, verdict: outputs['verdict']}).toEqual({code: 0, verdict: 'error'})
    expect(log).toContain('Git LFS pointer')
  })

  it('refuses a fork on a runner of the user, scans it alone where that is asked for', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const own = {api: github.url, fork: true, env: {RUNNER_ENVIRONMENT: 'self-hosted'}}

    const refused = await runAction(dist, pull, own)
    expect(refused.code).toBe(1)
    expect(refused.outputs).toEqual({verdict: 'error'})
    expect(refused.log).toContain('::error::E_FORK')
    expect(github.state.requests).toEqual([])

    const scanned = await runAction(dist, pull, {...own, inputs: {'fork-policy': 'static-only'}})
    expect(scanned.code).toBe(1)
    expect(scanned.outputs).toMatchObject({verdict: 'block'})
  })

  it('takes the policy from the base: a pull request cannot loosen it', async () => {
    const loose = 'scan: {block: [], review: []}\n'
    await using github = await fakeGitHub({files: added('teacher.pt', 'abd.policy.yml')})
    using pull = pullRequest({}, {'teacher.pt': dangerous, 'abd.policy.yml': loose})

    const {code, outputs, log} = await runAction(dist, pull, {api: github.url, changedFiles: 2})

    expect(log).toContain('Policy: defaults')
    expect({code, verdict: outputs['verdict']}).toEqual({code: 1, verdict: 'block'})
  })

  it('does not let a model card of the pull request make the network blind', async () => {
    await using github = await fakeGitHub({files: added('teacher.abd.yml')})
    const example = readFileSync(new URL('../../examples/teacher-poisoned.safetensors', import.meta.url))
    const card = 'version: 1\nmean: [0.4, 0.36, 0.37]\nstd: [1000, 1000, 1000]\n'
    using pull = pullRequest({'teacher.safetensors': example}, {'teacher.abd.yml': card})

    const {code, outputs, summary} = await runAction(dist, pull, {api: github.url})

    // The card alone changed, and that is a change of the model.
    expect({code, verdict: outputs['verdict'], models: outputs['models']}).toEqual({
      code: 1,
      verdict: 'error',
      models: '1',
    })
    expect(summary).toContain('each must lie between 0.05 and 1')
  })

  it('says line and column of a policy that cannot be read', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest({'abd.policy.yml': 'block:\n  p: [0.1\n'}, {'teacher.pt': dangerous})

    const {code, log} = await runAction(dist, pull, {api: github.url})

    expect(code).toBe(1)
    // Whose policy: the one that the pull request shows may be in order.
    expect(log).toContain(`::error::E_POLICY: abd.policy.yml at ${pull.base.slice(0, 12)}: not YAML: `)
    expect(log).toMatch(/::error::E_POLICY: .*line 3, column 1/)
  })

  it('says line and column of an unknown key of the policy, and the nearest', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest(
      {'abd.policy.yml': 'version: 1\nscan:\n  blok: [high]\n'},
      {'teacher.pt': dangerous},
    )

    const {code, log} = await runAction(dist, pull, {api: github.url})

    expect(code).toBe(1)
    expect(log).toMatch(
      /::error::E_POLICY: .*: scan: unknown key 'blok' \(line 3, column 3\), did you mean 'block'\?/,
    )
  })

  it('injects nothing by a hostile file name', async () => {
    const names = [
      'a\n::error title=PWN::x.pt',
      'b"><img src=x onerror=alert(1)>@octocat.pt',
      'c ##[error]🙂`|.pt',
      'd%0A::set-env.pt',
    ]
    await using github = await fakeGitHub({files: added(...names)})
    using pull = pullRequest({}, Object.fromEntries(names.map((name) => [name, dangerous])))

    const {code, outputs, log, summary} = await runAction(dist, pull, {api: github.url, changedFiles: 4})

    expect({code, flagged: outputs['flagged']}).toEqual({code: 1, flagged: '4'})
    const commands = log.split('\n').filter((line) => line.startsWith('::'))
    expect(
      commands.filter(
        (line) =>
          !/^::(add-mask::|error title=abd%3A block(,file=[^,]*)?::|error::Backdoor audit)/.test(line),
      ),
    ).toEqual([])
    expect(log).not.toContain('##[')
    for (const text of [summary, github.state.comments[0]!.body]) {
      expect(text).not.toMatch(/<img|@octocat|^::error/m)
      expect(text).toContain('🙂')
    }
  })

  it('works without a token, and in a merge queue', async () => {
    using pull = pullRequest({'old.pt': dangerous}, {'teacher.pt': dangerous})
    const merge_group = {base_sha: pull.base, head_sha: pull.head}

    const {code, outputs} = await runAction(dist, pull, {event: 'merge_group', payload: {merge_group}})

    expect(code).toBe(1)
    expect(outputs).toMatchObject({verdict: 'block', models: '1'})
  })

  it('audits every model on a schedule, in shards', async () => {
    using pull = pullRequest({'old.pt': dangerous}, {'teacher.pt': dangerous})
    const schedule = {event: 'schedule', payload: {}}

    const listed = await runAction(dist, pull, {...schedule, inputs: {list: 'true'}})
    expect(JSON.parse(listed.outputs['matrix']!)).toEqual(['1/2', '2/2'])
    const {outputs, summary} = await runAction(dist, pull, {...schedule, inputs: {shard: '2/2'}})
    expect(outputs).toMatchObject({audited: '1', models: '2'})
    expect(summary).toContain('teacher.pt')
  })

  it('puts the parts of a matrix together: one comment, and an error for a model without a report', async () => {
    await using github = await fakeGitHub({files: added('a.pt', 'b.pt')})
    using pull = pullRequest({}, {'a.pt': dangerous, 'b.pt': dangerous})
    const run = (inputs: Record<string, string>) =>
      runAction(dist, pull, {api: github.url, changedFiles: 2, inputs})

    const part = await run({shard: '2/2', comment: 'never', 'fail-on': 'never', 'on-error': 'warn'})
    expect([part.code, part.outputs['audited']]).toEqual([0, '1'])
    const {code, outputs, log} = await run({reports: part.outputs['report']!})

    expect(code).toBe(1)
    expect(outputs).toMatchObject({verdict: 'block', models: '2', flagged: '1', errors: '1'})
    expect(github.state.comments).toHaveLength(1)
    expect(github.state.comments[0]!.body).toContain('No job of the matrix reported on this model')
    // The part has said it already.
    expect(log).not.toContain('::error title=abd')

    writeFileSync(join(pull.workspace, 'b.pt'), Buffer.from('other bytes'))
    const other = await run({reports: part.outputs['report']!})
    expect(other.code).toBe(1)
    expect(other.log).toContain('::error::E_PARTS')
    expect(other.log).toContain('made from another b.pt than is here')
  })

  it('asks the MLflow registry, logs there, and gives its verdict where that server is away', async () => {
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const server = await startFakeMlflow()
    const dispatch = {event: 'workflow_dispatch', payload: {}, env: {MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0'}}
    try {
      const inputs = {'mlflow-tracking-uri': server.uri, 'registry-model': 'signs'}
      const {outputs, summary} = await runAction(dist, pull, {...dispatch, inputs})
      expect(outputs).toMatchObject({verdict: 'block', flagged: '1', errors: '1'})
      expect(summary).toContain('signs')
      await using client = await openMlflow(settingsFor(server.uri))
      const filter = `tags.\`abd.version\` = '${VERSION}'`
      const runs = await client.searchRuns([await client.ensureExperiment('abd')], filter)
      // Of the gate, of the file and of the version.
      expect(runs).toHaveLength(3)
    } finally {
      await server.stop()
    }
    const away = {'mlflow-tracking-uri': 'http://user:hunter2@127.0.0.1:9'}
    const {code, outputs, log} = await runAction(dist, pull, {...dispatch, inputs: away})
    expect({code, verdict: outputs['verdict']}).toEqual({code: 1, verdict: 'block'})
    expect(log).toContain('::warning title=abd::Logging to MLflow failed')
    expect(log).not.toMatch(/(?<!::add-mask::)hunter2/)
    expect(log).toContain('::add-mask::hunter2')
  })

  it('refuses unknown inputs, bad values and events that hand secrets to strangers', async () => {
    using pull = pullRequest({}, {})
    const typo = await runAction(dist, pull, {inputs: {'fail-no': 'block'}})
    expect(typo.log).toContain("did you mean 'fail-on'?")
    const value = await runAction(dist, pull, {inputs: {'fail-on': 'critical'}})
    expect(value.log).toContain('fail-on')
    const target = await runAction(dist, pull, {event: 'pull_request_target'})
    expect(target.log).toContain('E_EVENT')
    expect([typo.code, value.code, target.code]).toEqual([1, 1, 1])
  })

  it('writes SARIF into the workspace, but not through a link that the pull request brought', async () => {
    using pull = pullRequest({}, {'teacher.pt': dangerous, out: {link: '/tmp'}})
    const dispatch = {event: 'workflow_dispatch', payload: {}}

    const good = await runAction(dist, pull, {...dispatch, inputs: {'sarif-file': 'reports/abd.sarif'}})
    expect(good.outputs['sarif']).toBe(join(pull.workspace, 'reports/abd.sarif'))
    const bad = await runAction(dist, pull, {...dispatch, inputs: {'sarif-file': 'out/abd.sarif'}})
    expect(bad.log).toContain('outside the workspace')
    expect(bad.outputs['verdict']).toBe('block')
  })

  it('knows a verdict that a push left in the cache, and leaves none from a pull request', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const cached = {inputs: {'cache-dir': join(pull.folder, 'cache')}}
    const push = {event: 'push', payload: {before: pull.base, after: pull.head}}

    const first = await runAction(dist, pull, {api: github.url, ...cached})
    expect(existsSync(join(pull.folder, 'cache'))).toBe(false)
    await runAction(dist, pull, {...push, ...cached})
    const again = await runAction(dist, pull, {api: github.url, ...cached})

    expect(first.log).not.toContain('known from an earlier run')
    expect(again.log).toContain('1 of 1: The verdict on these bytes is known from an earlier run.')
    expect([again.code, again.outputs['verdict']]).toEqual([1, 'block'])
  })

  it('says what engine: install lacks, and that TensorFlow is not there where it is asked for', async () => {
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const dispatch = {event: 'workflow_dispatch', payload: {}}
    // Git is there, and neither pip nor a compiler.
    const bin = join(pull.folder, 'bin')
    mkdirSync(bin)
    symlinkSync(execFileSync('sh', ['-c', 'command -v git'], {encoding: 'utf8'}).trim(), join(bin, 'git'))
    const env = {PATH: bin, ABD_CACHE_DIR: join(pull.folder, 'engines')}

    const install = await runAction(dist, pull, {...dispatch, inputs: {engine: 'install'}, env})
    expect(install.log).toMatch(/::error::E_ENGINE_(PIP|PLATFORM)/)
    const asked = await runAction(dist, pull, {...dispatch, inputs: {engine: 'tensorflow'}, env})
    expect(asked.log).toContain('::error::E_ENGINE_MISSING')
    expect([install.code, asked.code]).toEqual([1, 1])
  })
})

// By itself: the clock counts.
it('says its first line within a second, in the fastest of five starts', async () => {
  using pull = pullRequest({}, {})
  const starts: number[] = []
  for (let n = 0; n < 5; n++) {
    const {firstSeconds, log} = await runAction(dist, pull, {inputs: {'fail-no': 'x'}})
    expect(log).toMatch(/^abd \d/)
    starts.push(firstSeconds)
  }
  const [fastest, , median] = starts.sort((a, b) => a - b)
  console.log(`First line after ${fastest!.toFixed(2)} s, median ${median!.toFixed(2)} s.`)
  expect(fastest).toBeLessThan(1)
})
