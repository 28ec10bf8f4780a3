const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Modules, and single names in them, that run code, start processes, reach files or the network, load further code, or hand
 * out what does. A module stands for all below it. */
export const dangerousModules: ReadonlySet<string> = words(`
  os posix nt posixpath ntpath _osx_support sys builtins.__import__ subprocess _posixsubprocess _winapi
  runpy importlib imp pkgutil zipimport _frozen_importlib _frozen_importlib_external modulefinder socket
  _socket ssl _ssl select selectors asyncio asyncore asynchat socketserver shutil ctypes _ctypes cffi
  _cffi_backend pty pdb bdb cmd code codeop timeit profile cProfile _lsprof trace doctest pydoc pydoc_data
  webbrowser antigravity http httplib urllib urllib2 urllib3 requests httpx aiohttp ftplib telnetlib
  smtplib poplib imaplib nntplib smtpd xmlrpc multiprocessing _multiprocessing threading _thread signal
  atexit sched concurrent pickle _pickle cPickle pickletools shelve dbm marshal _compat_pickle dill
  cloudpickle joblib jsonpickle tempfile fileinput io _io _pyio codecs.open linecache glob mmap platform
  pip ensurepip venv distutils setuptools pkg_resources site sitecustomize idlelib lib2to3 unittest
  pytest _pytest nose tkinter turtle turtledemo gc inspect types operator _operator functools _functools
  logging uuid ast dis opcode symtable py_compile compileall tracemalloc faulthandler commands popen2
  pipes grp pwd spwd crypt resource termios tty fcntl winreg _winreg msvcrt getpass cgi cgitb rlcompleter
  readline sqlite3 _sqlite3 _pyrepl curses zipfile tarfile zipapp gzip bz2 lzma netrc nturl2path mailcap
  mimetypes configparser contextlib weakref reprlib typing.get_type_hints string.Formatter _strptime
  _aix_support _xxsubinterpreters _interpreters numpy.f2py numpy.testing numpy.distutils numpy.load
  numpy.save numpy.savez numpy.savez_compressed numpy.savetxt numpy.loadtxt numpy.genfromtxt
  numpy.fromfile numpy.fromregex numpy.memmap numpy.lib numpy.ctypeslib numpy.vectorize numpy.frompyfunc
  numpy.apply_along_axis numpy.piecewise numpy.core.numerictypes numpy.compat torch.load torch.save
  torch.hub torch.compile torch.ops torch.classes torch.utils.collect_env torch.utils.bottleneck torch.utils.cpp_extension torch.utils._config_module
  torch.utils.data.datapipes torch.utils.hipify torch.utils.benchmark torch.utils.model_dump torch.serialization torch.jit torch.package
  torch.distributed torch.multiprocessing torch.fx torch.onnx torch.testing torch.library torch._dynamo
  torch._inductor torch._C torch._ops torch._utils_internal torch._lobpcg torch.cuda._memory_viz
  torch.backends torch.profiler torch.monitor pandas tensorflow keras jax.experimental scipy.io
  scipy.weave theano paramiko fabric plumbum pexpect ptyprocess IPython ipykernel notebook
  jupyter_client twisted tornado celery docker boto boto3 botocore git psutil win32api win32com pythoncom
  matplotlib.testing sympy.parsing numexpr asteval RestrictedPython execnet pyximport Cython cython cppyy
  numba huggingface_hub wget gdown fsspec smart_open jinja2 mako yaml srsly bentoml mlflow
  statsmodels.iolib networkx.readwrite
`)

/** Names that are such a module or function wherever they are imported from. */
export const dangerousAttributes: ReadonlySet<string> = words(`
  os sys posix nt subprocess builtins importlib shutil socket ctypes runpy pty pickle eval exec execfile
  system popen check_output check_call Popen import_module load_module
`)

/** Of Python's builtins. */
export const dangerousBuiltins: ReadonlySet<string> = words(`
  eval exec execfile compile open file input raw_input __import__ __build_class__ getattr setattr delattr
  hasattr globals locals vars dir breakpoint memoryview map filter apply reduce reload exit quit help type
  super property classmethod staticmethod
`)

/** Python's standard library, versions 2.7 to 3.14: what is not on the allow-list there is a tool for an attacker. */
export const standardLibrary: ReadonlySet<string> = words(`
  Queue StringIO UserDict UserList __builtin__ __future__ _abc _aix_support _ast _asyncio _bisect _blake2
  _bootsubprocess _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
  _collections _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses
  _curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external
  _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 _msi
  _multibytecodec _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem
  _posixsubprocess _py_abc _pydecimal _pyio _queue _random _scproxy _sha1 _sha256 _sha3 _sha512 _signal
  _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _symtable _thread
  _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings _weakref _weakrefset _winapi
  _zoneinfo abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii
  bisect builtins bz2 cPickle cProfile cStringIO calendar cgi cgitb chunk cmath cmd code codecs codeop
  collections colorsys commands compileall concurrent configparser contextlib contextvars copy copy_reg
  copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email
  encodings ensurepip enum errno exceptions faulthandler fcntl filecmp fileinput fnmatch fractions ftplib
  functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http
  httplib idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3
  linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
  multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev
  pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixpath pprint
  profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
  reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd
  smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics
  string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios textwrap thread threading time timeit tkinter token tokenize tomllib trace traceback
  tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib urllib2 uu uuid venv warnings
  wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`)
