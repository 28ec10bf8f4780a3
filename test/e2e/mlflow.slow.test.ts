import {execFile} from 'node:child_process'
import {copyFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {mlflowPython, startMlflow} from '../fixtures/track/mlflow-server.ts'
import type {MlflowServer} from '../fixtures/track/mlflow-server.ts'
import {abd, root, start} from './abd.ts'

const run = promisify(execFile)
const found = await mlflowPython()
if ('missing' in found) process.stderr.write(`SKIPPED, abd with a real MLflow: ${found.missing}\n`)
const python = 'python' in found ? found.python : ''

/** Password of the administrator; nobody may read it in any output. */
const password = 'a-password-of-tests-8Zk'

describe.skipIf('missing' in found)('abd with a real MLflow server, behind basic auth', () => {
  let server: MlflowServer
  let folder = ''
  let env: Record<string, string> = {}
  const outputs: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'abd-e2e-mlflow-'))
    server = await startMlflow(python, {
      auth: {password},
      env: {
        MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
        MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
        MLFLOW_WEBHOOK_CACHE_TTL: '1',
      },
    })
    env = {
      MLFLOW_TRACKING_URI: server.uri,
      MLFLOW_TRACKING_USERNAME: 'admin',
      MLFLOW_TRACKING_PASSWORD: password,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0',
      ABD_TRACK_DIR: join(folder, 'track'),
    }
    // A pickle that would run a command: blocked at a glance, so that an audit takes a second.
    await writeFile(join(folder, 'danger.pt'), "cposix\nsystem\n(S'true'\ntR.")
    await copyFile(join(root, 'examples/teacher-clean.safetensors'), join(folder, 'clean.safetensors'))
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, {recursive: true, force: true})
  })
  const call = async (words: readonly string[], more: Record<string, string> = {}) => {
    const ran = await abd(words, {cwd: folder, env: {...env, ...more}})
    outputs.push(ran.stdout, ran.stderr)
    return ran
  }
  /** What a piece of Python, with MLflow's own client, finds. */
  const read = (code: string): any =>
    JSON.parse(
      server
        .python(
          `import json, mlflow\nfrom mlflow import MlflowClient\nc = MlflowClient()\n${code}\nprint(json.dumps(out))`,
          {MLFLOW_TRACKING_USERNAME: 'admin', MLFLOW_TRACKING_PASSWORD: password},
        )
        .split('\n')
        .findLast((line) => /^[[{"]/.test(line))!,
    )
  const register = (name: string, file: string) =>
    read(`
try: c.create_registered_model('${name}')
except Exception: pass
with mlflow.start_run() as r: mlflow.log_artifact('${join(folder, file)}', 'model')
v = c.create_model_version('${name}', f'runs:/{r.info.run_id}/model', r.info.run_id, description='Ours.')
out = {'version': str(v.version), 'run': r.info.run_id}`) as {version: string; run: string}

  /** What `mlflow run` does at this repository's entry point. */
  const project = async (entry: string, parameters: Readonly<Record<string, string>>) => {
    const ran = await run(
      python,
      [
        ...['-m', 'mlflow', 'run', root, '--env-manager', 'local', '-e', entry],
        ...['--experiment-name', 'project'],
        ...Object.entries(parameters).flatMap(([name, value]) => ['-P', `${name}=${value}`]),
      ],
      {env: {...process.env, ...env, NODE_OPTIONS: '', NODE_ENV: ''}},
    ).then(
      (printed) => ({...printed, code: 0}),
      (error: unknown) => error as {code: number; stdout: string; stderr: string},
    )
    outputs.push(ran.stdout, ran.stderr)
    return ran
  }

  it('a distillation is there: parameters, curve, pictures, data, model', async () => {
    const {code, stderr} = await call([
      ...[
        'distill',
        'run',
        'clean.safetensors',
        '--epochs',
        '2',
        '--set',
        'patches=256',
        '--set',
        'batch=64',
      ],
      ...['--data', 'signs', '--measure-every', '4', '--run-name', 'two epochs'],
    ])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/MLflow: http:.*\/#\/experiments\/\d+\/runs\/\w+/),
    ])
    const out = read(`
e = c.get_experiment_by_name('abd')
r = c.search_runs([e.experiment_id], "attributes.run_name = 'two epochs'")[0]
m = mlflow.search_logged_models([e.experiment_id], output_format='list')[0]
out = {
  'status': r.info.status, 'params': r.data.params, 'metrics': r.data.metrics, 'tags': r.data.tags,
  'curve': [h.step for h in c.get_metric_history(r.info.run_id, 'test acc')],
  'images': [a.path for a in c.list_artifacts(r.info.run_id, 'images')],
  'inputs': [[d.dataset.name, len(d.dataset.digest)] for d in r.inputs.dataset_inputs],
  'outputs': [o.model_id == m.model_id for o in r.outputs.model_outputs],
  'flavors': mlflow.models.get_model_info(m.model_uri).flavors,
}`)
    expect(out.status).toBe('FINISHED')
    expect(out.params).toMatchObject({
      'method.name': 'ood',
      'method.options.epochs': '2',
      student: 'wrn-16-1',
    })
    // 256 patches in batches of 64 are four steps an epoch.
    expect(out.curve).toEqual([4, 8, 8])
    expect(
      out.images.filter((path: string) => /sample\+step\+\d+\+timestamp\+\d+\+[\w-]+\.png$/.test(path)),
    ).toHaveLength(3)
    expect(out.inputs).toEqual([['signs', 32]])
    expect(out.outputs).toEqual([true])
    expect(out.flavors.abd).toMatchObject({architecture: 'wrn-16-1', weights: 'student.safetensors'})
    expect(out.tags['mlflow.note.content']).toContain('| student |')
  })

  it('an audit of a registered version is there, and on the version', async () => {
    const {version, run: source} = register('signs', 'clean.safetensors')
    const {code, stdout} = await call(['audit', `models:/signs/${version}`, '--profile', 'quick', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)[0]).toMatchObject({
      verdict: 'pass',
      model: {path: `models:/signs/${version}/clean.safetensors`},
    })
    const out = read(`
mlflow.set_experiment('abd')
v = c.get_model_version('signs', '${version}')
r = c.get_run(v.tags['abd.report_run_id'])
out = {
  'tags': v.tags, 'alias': c.get_model_version_by_alias('signs', 'audit-passed').version, 'description': v.description,
  'files': sorted(a.path for a in c.list_artifacts(r.info.run_id)), 'run': r.data.tags, 'metrics': r.data.metrics,
  'detectors': mlflow.load_table('findings.json', run_ids=[r.info.run_id])['detector'].tolist(),
}`)
    expect(out.tags).toMatchObject({
      'abd.verdict': 'pass',
      'abd.policy_sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(String(out.alias)).toBe(version)
    expect(out.description).toMatch(/^Ours\.\n\n<!-- abd -->\n\*\*abd: pass\*\*/)
    expect(out.files).toEqual(
      expect.arrayContaining([
        'findings.json',
        'report.html',
        'report.json',
        'report.md',
        'report.sarif',
        'report.sarif.json',
      ]),
    )
    expect(out.run).toMatchObject({'abd.verdict': 'pass', 'mlflow.source.name': 'abd audit'})
    expect(out.detectors).toContain('known_triggers')
    expect(out.metrics).toHaveProperty('detector/known_triggers')

    const gate = await call(['track', 'verdict', 'models:/signs@audit-passed'])
    expect([gate.code, gate.stdout.trim()]).toEqual([0, `models:/signs/${version}: pass`])
    const again = await call(['audit', `runs:/${source}/model/clean.safetensors`, '--profile', 'quick'])
    expect(again.code).toBe(0)
    expect(read(`out = c.get_run('${source}').data.tags`)).toMatchObject({'abd.verdict': 'pass'})
  })

  it('a wrong password, a server that is away: the job goes on, and is sent later', async () => {
    const wrong = await call(['audit', 'danger.pt', '--run-name', 'wrong password'], {
      MLFLOW_TRACKING_PASSWORD: 'wrong',
    })
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringMatching(/401.*MLFLOW_TRACKING_USERNAME/s)])
    const away = await call(['audit', 'danger.pt', '--run-name', 'away', '--mlflow', 'http://127.0.0.1:1'])
    expect([away.code, away.stderr]).toEqual([3, expect.stringContaining('abd track sync')])
    const waiting = JSON.parse((await call(['track', 'status', '--json'])).stdout)
    expect(waiting.filter(({waiting: lines}: {waiting: number}) => lines > 0)).toHaveLength(2)
    expect((await call(['track', 'sync'])).code).toBe(0)
    expect(
      read(`
e = c.get_experiment_by_name('abd')
out = sorted(r.info.run_name for r in c.search_runs([e.experiment_id], "tags.\`abd.verdict\` = 'block'"))`),
    ).toEqual(['away', 'wrong password'])
  })

  it('mlflow run: attaches to the run that MLflow began, and leaves its end to it', async () => {
    await project('audit', {model: join(folder, 'danger.pt'), out: join(folder, 'report')})
    const out = read(`
e = c.get_experiment_by_name('project')
out = [[r.info.status, r.data.params, r.data.tags.get('abd.verdict')] for r in c.search_runs([e.experiment_id])]`)
    expect(out).toEqual([
      [
        'FAILED',
        expect.objectContaining({profile: 'quick', 'abd.model.format': expect.any(String) as string}),
        'block',
      ],
    ])
  })

  it('mlflow run: trains a poisoned teacher, and distils a student from it', async () => {
    const [teacher, student] = [join(folder, 'teacher.safetensors'), join(folder, 'student.safetensors')]
    const attacked = await project('attack', {epochs: '1', out: teacher})
    const distilled = await project('distill', {teacher, epochs: '1', out: student})
    expect([attacked.code, distilled.code]).toEqual([0, 0])
    const out = read(`
e = c.get_experiment_by_name('project')
out = {r.data.tags['mlflow.project.entryPoint']: [r.info.status, r.data.params, r.data.metrics, len(r.outputs.model_outputs)]
  for r in c.search_runs([e.experiment_id])}`)
    expect(out.attack).toEqual([
      'FINISHED',
      expect.objectContaining({trigger: 'badnet_grid', epochs: '1'}),
      expect.any(Object),
      1,
    ])
    expect(out.distill).toEqual([
      'FINISHED',
      expect.objectContaining({method: 'ood', 'abd.method.name': 'ood', 'abd.method.options.epochs': '1'}),
      expect.any(Object),
      1,
    ])
    expect(Object.keys(out.attack[2]).length * Object.keys(out.distill[2]).length).toBeGreaterThan(0)
  })

  it('mlflow.models.evaluate calls the evaluator of the wheel', async () => {
    const wheels = join(folder, 'wheels')
    const site = join(folder, 'site')
    await mkdir(wheels)
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet']
    // Built from a copy: setuptools leaves its own folders beside the sources.
    await run('cp', ['-r', join(root, 'integrations/mlflow'), join(folder, 'package')])
    await run(python, [...pip, 'wheel', '--no-deps', '--wheel-dir', wheels, join(folder, 'package')])
    await run(python, [
      ...pip,
      'install',
      '--no-deps',
      '--target',
      site,
      join(wheels, 'abd_mlflow-0.1.0-py3-none-any.whl'),
    ])
    const out = JSON.parse(
      server
        .python(
          `
import json, mlflow, pandas
mlflow.set_experiment('evaluation')
with mlflow.start_run() as r:
    result = mlflow.models.evaluate(
        data=pandas.DataFrame({'p': [0, 1], 'y': [0, 1]}), predictions='p', targets='y', model_type='classifier',
        evaluators='abd', evaluator_config={'model': '${join(folder, 'danger.pt')}', 'command': ['${process.execPath}', '${root}/bin/run.js']})
run = mlflow.get_run(r.info.run_id)
print(json.dumps([result.metrics, run.data.metrics, run.data.tags['abd.verdict'], run.info.status]))`,
          {...env, PYTHONPATH: site},
        )
        .split('\n')
        .findLast((line) => line.startsWith('['))!,
    )
    expect(out).toEqual([
      {'abd/blocked': 1},
      expect.objectContaining({'abd/blocked': 1}),
      'block',
      'FINISHED',
    ])
  })

  it('watch: a webhook of the server itself has a new version audited, and only once', async () => {
    const port = 20_000 + (process.pid % 20_000)
    const {child, ran} = start(
      [
        ...['track', 'watch', '--model', 'watched', '--every', '3600', '--port', String(port)],
        ...['--register', `http://127.0.0.1:${port}/`],
      ],
      {cwd: folder, env: {...env, ABD_WEBHOOK_SECRET: 'a-secret-of-tests'}},
    )
    try {
      let listening = false
      for (let i = 0; i < 300 && !listening; i++) {
        await sleep(100)
        listening = await fetch(`http://127.0.0.1:${port}/health`).then(
          ({ok}) => ok,
          () => false,
        )
      }
      // The server keeps its list of webhooks for as long as MLFLOW_WEBHOOK_CACHE_TTL says.
      await sleep(3000)
      const {version} = register('watched', 'danger.pt')
      let tags: Record<string, string> = {}
      for (let i = 0; i < 60 && !tags['abd.verdict']; i++) {
        await sleep(500)
        tags = read(`out = c.get_model_version('watched', '${version}').tags`)
      }
      expect(tags['abd.verdict']).toBe('block')
    } finally {
      child.kill('SIGINT')
    }
    const {code, stdout, stderr} = await ran
    outputs.push(stdout, stderr)
    expect([code, stderr.match(/Auditing models:/g)]).toEqual([130, ['Auditing models:']])
    const once = await call(['track', 'watch', '--model', 'watched', '--once'])
    expect([once.code, once.stdout.trim()]).toEqual([0, 'Audited 0 versions.'])
  })

  it('a sweep is one run with a child for each job, wherever the jobs ran, and its table and pictures', async () => {
    const job = `"${process.execPath}", "${root}/test/fixtures/sweep/job.mjs"`
    await writeFile(
      join(folder, 'grid.yml'),
      `version: 1
name: grid
grid: {trigger: [badnet_grid, sig], method: [ood, zskt]}
seeds: [0, 1]
jobs:
  teacher: {exec: [${job}, teacher, "{out}", "trigger={trigger}"], outputs: [teacher.txt]}
  student:
    needs: teacher
    exec: [${job}, student, "{out}", "{teacher}", "method={method}", "seed={seed}"]
    curve: curve
`,
    )
    // Two nodes that share the folder: each has a record of its own.
    const nodes = await Promise.all(
      ['one', 'two'].map((node) =>
        call(['sweep', 'run', 'grid.yml', '--out', 'sweep', '--experiment', 'sweeps'], {
          ABD_TRACK_DIR: join(folder, `track-${node}`),
        }),
      ),
    )
    for (const {code, stderr} of nodes) expect(code, stderr).toBe(0)
    const out = read(`
e = c.get_experiment_by_name('sweeps').experiment_id
runs = c.search_runs([e], max_results=100)
parents = [r for r in runs if 'mlflow.parentRunId' not in r.data.tags]
children = [r for r in runs if r.data.tags.get('mlflow.parentRunId') == parents[0].info.run_id]
out = {'parents': len(parents), 'status': parents[0].info.status, 'names': sorted(r.info.run_name for r in children),
  'statuses': sorted(set(r.info.status for r in children)), 'metrics': sorted(set(k for r in children for k in r.data.metrics)),
  'files': sorted(a.path for a in c.list_artifacts(parents[0].info.run_id))}`)
    expect(out).toMatchObject({parents: 1, status: 'FINISHED', statuses: ['FINISHED']})
    expect(out.names).toEqual(
      [
        ...['badnet_grid', 'sig'].map((trigger) => `teacher-${trigger}`),
        ...['badnet_grid', 'sig'].flatMap((trigger) =>
          ['ood', 'zskt'].flatMap((method) => [0, 1].map((seed) => `student-${trigger}-${method}-${seed}`)),
        ),
      ].sort(),
    )
    expect(out.metrics).toEqual(expect.arrayContaining(['accuracy', 'asr']))
    expect(out.files).toEqual(expect.arrayContaining(['table.md', 'table.csv']))
  })

  it('what is exported is what MLflow migrates', async () => {
    const mlruns = join(folder, 'mlruns')
    const exported = JSON.parse((await call(['track', 'export', '--mlruns', mlruns, '--json'])).stdout)
    const {stdout, stderr} = await run(
      python,
      [
        '-m',
        'mlflow',
        'migrate-filestore',
        '--source',
        mlruns,
        '--target',
        `sqlite:///${join(folder, 'migrated.db')}`,
      ],
      {cwd: folder},
    )
    expect(`${stdout}${stderr}`).not.toMatch(/traceback/i)
    const counted = server.python(
      `
import mlflow, json
from mlflow import MlflowClient
c = MlflowClient('sqlite:///${join(folder, 'migrated.db')}')
ids = [e.experiment_id for e in c.search_experiments()]
runs = c.search_runs(ids)
print(json.dumps([len(runs), sum(len(c.get_metric_history(r.info.run_id, k)) for r in runs for k in r.data.metrics)]))`,
    )
    const [runs, metrics] = JSON.parse(counted.trim().split('\n').at(-1)!)
    expect({runs, metrics}).toEqual({runs: exported.runs, metrics: exported.metrics})
  })

  it('no output has the password in it, nor has the record', async () => {
    const records = await run('grep', ['-rlF', password, join(folder, 'track')]).catch(() => ({stdout: ''}))
    expect([outputs.join('\n').includes(password), records.stdout]).toEqual([false, ''])
    expect(await readFile(join(folder, 'danger.pt'), 'utf8')).toContain('system')
  })
})
