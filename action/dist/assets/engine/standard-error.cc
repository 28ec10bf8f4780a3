// Keeps what C++ writes to standard error for as long as a library is loaded: libtensorflow prints notices while it
// starts that no environment variable silences. capture() begins; release() ends and gives what was written.
#include <node_api.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

int original = -1;
FILE* kept = nullptr;

napi_value Capture(napi_env, napi_callback_info) {
  if (kept != nullptr) return nullptr;
  std::fflush(stderr);
  kept = std::tmpfile();
  original = dup(STDERR_FILENO);
  if (kept != nullptr && original >= 0) dup2(fileno(kept), STDERR_FILENO);
  return nullptr;
}

napi_value Release(napi_env env, napi_callback_info) {
  std::string text;
  if (kept != nullptr && original >= 0) {
    std::fflush(stderr);
    dup2(original, STDERR_FILENO);
    std::rewind(kept);
    char part[4096];
    for (size_t n; (n = std::fread(part, 1, sizeof part, kept)) > 0;) text.append(part, n);
  }
  if (kept != nullptr) std::fclose(kept);
  if (original >= 0) close(original);
  kept = nullptr;
  original = -1;
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value capture = nullptr, release = nullptr;
  napi_create_function(env, "capture", NAPI_AUTO_LENGTH, Capture, nullptr, &capture);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, Release, nullptr, &release);
  napi_set_named_property(env, exports, "capture", capture);
  napi_set_named_property(env, exports, "release", release);
  return exports;
}
