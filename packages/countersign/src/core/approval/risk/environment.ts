// Variables that change what programs do or which are started (R45): of the environment that an action brings, and set in a
// line.
import { isPassed, isUsual } from '@countersign/protocol/passed-variables';
import { isOwnHome } from './homes.ts';
import { isOwnVariable } from './own.ts';
import type { Verdict } from './paths.ts';
import type { ActionFacts, RiskContext } from './risk.ts';

// Loader, shells, interpreters, compilers, version control, pagers and editors, networks, containers and clouds, packages, and
// everything else that starts, loads, or asks what a variable names (R45).
const PROGRAM_VARIABLES = anyOf(`
  LD_* DYLD_* _RLD* LIBPATH SHLIB_PATH GCONV_PATH LOCPATH NLSPATH TZDIR MALLOC_* GLIBC_TUNABLES GETCONF_DIR
  BASH_ENV ENV BASHOPTS SHELLOPTS PS[0-4] PROMPT_COMMAND IFS PATH CDPATH GLOBIGNORE EXECIGNORE BASH_* FPATH
  ZDOTDIR FISH_* HISTFILE INPUTRC TMOUT STARSHIP_* DIRENV_*
  NODE_* NPM_* COREPACK_* YARN_* PNPM_* BUN_* DENO_* TS_NODE_* TSX_* NVM_* FNM_* VOLTA_* ESLINT_* JEST_* BABEL_*
  ESBUILD_* PUPPETEER_* PLAYWRIGHT_* CHROME_* ELECTRON_*
  PYTHON* PIP_* PIPENV_* PIPX_* POETRY_* PDM_* HATCH_* UV_* PEX_* PYENV_* PYTEST_* TOX_* VIRTUAL_ENV* CONDA_*
  MAMBA_* IPYTHONDIR JUPYTER_* MPLBACKEND MPLCONFIGDIR MATPLOTLIBRC DJANGO_SETTINGS_MODULE SETUPTOOLS_*
  DISTUTILS_*
  PERL* RUBY* GEM_* GEMRC BUNDLE_* RAKE* RBENV_* IRBRC PRYRC
  JAVA_* _JAVA_OPTIONS JDK_* JRE_* CLASSPATH MAVEN_* MVN_* M2_* ANT_* GRADLE_* KOTLIN_* SBT_* SCALA_* GROOVY_*
  LEIN_* CLJ_* SDKMAN_* JENV_*
  LUA_* LUAROCKS_* PHPRC PHP_* COMPOSER_* R_* RENV_* JULIA_* ERL_* ELIXIR_* MIX_* HEX_* TCLLIBPATH GUILE_* GHC*
  CABAL_* STACK_* OCAML* OPAM* CAML_LD_LIBRARY_PATH DOTNET_* CORECLR_* COMPLUS_* NUGET_* MSBUILD* MONO_* SWIFT*
  DART_* FLUTTER_* PUB_* OCTAVE_*
  GO* CGO_* CARGO* RUSTC* RUSTDOC* RUSTUP_* RUSTFLAGS ZIG_* ASDF_* MISE_* RTX_* NIX_* HOMEBREW_*
  CC CXX CPP LDFLAGS CFLAGS CXXFLAGS CPPFLAGS FFLAGS LIBRARY_PATH CPATH
  C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH OBJCPLUS_INCLUDE_PATH COMPILER_PATH GCC_* COLLECT_*
  DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES LLVM_* CLANG_* CCACHE_* SCCACHE_* DISTCC_* PKG_CONFIG* ACLOCAL*
  AUTOM4TE AUTOCONF AUTOMAKE AUTOHEADER LIBTOOL* M4PATH
  MAKE* GNUMAKEFLAGS CMAKE_* CTEST_* NINJA_* MESON* SCONS* BAZEL* CONAN_* VCPKG_* XCODE* DEVELOPER_DIR SDKROOT
  TOOLCHAINS ANDROID_*
  ASAN_* UBSAN_* TSAN_* LSAN_* MSAN_* GCOV_* VALGRIND_* GDB* LLDB_* DEBUGINFOD_* DEBUGINFOD PERF_*
  GIT_* GH_* GITHUB_* GLAB_* HUB_* SSH_* SUDO_* DOAS_* RSYNC_* CVS* SVN_* HG* BZR_* BRZ_* JJ_* P4* DELTA_* BAT_*
  DIFF_* DIFFPROG QUILT_*
  EDITOR VISUAL FCEDIT ALTERNATE_EDITOR SUDO_EDITOR PAGER MANPAGER MANPATH MANOPT MANROFFOPT MAN_* GROFF_* TROFF
  INFOPATH LESS* LV MORE BROWSER OPENER TERMINAL TERMINFO* TERMCAP TERMPATH TMUX* SCREENRC SCREENDIR VIM* EXINIT
  MYVIMRC NVIM_* EMACS* NANO*
  TAR_* TAPE RMT RSH GZIP BZIP BZIP2 XZ_* ZSTD_* UNZIP* ZIP ZIPOPT 7Z* POSIXLY_CORRECT E?F?GREP GREP_* RIPGREP_* FZF_* FD_* EZA_* LF_* NNN_*
  RANGER_* MC_* JQ_* YQ_* AWK* GAWK* PS_* PARALLEL* ENVSUBST* BC_ENV_ARGS SIMPLE_BACKUP_SUFFIX PATCH_* VERSION_CONTROL PROCPS_* LIBPROC_* LSOF*
  XDG_* SHELL OLDPWD PWD DISPLAY WAYLAND_* XAUTHORITY XLOCALEDIR XENVIRONMENT GTK_* GDK_* GIO_* GST_* QT_* QML*
  KDE* LIBGL_* MESA_* VK_* LIBVA_* VDPAU_* SDL_* FONTCONFIG_* ALSA_* PULSE_* LADSPA_PATH LV2_PATH
  CURL_* WGETRC SYSTEM_WGETRC NETRC REQUESTS_CA_BUNDLE OPENSSL_* SSL* GNUTLS_* NSS_* P11_* PKCS11* KRB5* SASL_*
  HTTPS?_PROXY ALL_PROXY FTP_PROXY RSYNC_PROXY SOCKS* NO_PROXY PROXYCHAINS_* TORSOCKS_* TSOCKS_* HOSTALIASES
  LOCALDOMAIN RES_OPTIONS RESOLV_* HTTPIE_* ARIA2* LYNX_* W3M_* RCLONE_* RESTIC_* BORG_* S3CMD*
  DOCKER_* BUILDKIT_* BUILDX_* COMPOSE_* CONTAINER_* CONTAINERS_* PODMAN_* BUILDAH_* NERDCTL_* REGISTRY_AUTH_FILE LXC_*
  SINGULARITY* APPTAINER* KUBE* HELM_* K9S* SKAFFOLD_* ARGOCD_* FLUX_* TF_* TERRAFORM_* TERRAGRUNT_* PULUMI_*
  PACKER_* VAGRANT_* ANSIBLE_* VAULT_* CONSUL_* NOMAD_* SOPS_* AGE_* AWS_* BOTO_* GOOGLE_* GCLOUD_* CLOUDSDK_*
  AZURE_* ARM_* DIGITALOCEAN_* FLY_* LIBVIRT_* VIRSH_* QEMU_* WINE*
  PG* PSQL* MYSQL* MARIADB* SQLITE* REDISCLI_* MONGO* ODBC* ORACLE_* TNS_ADMIN LDAP*
  DBUS_* SYSTEMD_* GNUPGHOME GPG_* PINENTRY_* NOTIFY_SOCKET LISTEN_*
  APT_* DPKG_* DEB_* DEBCONF_* RPM_* RPMCONFIGDIR DNF_* ZYPP_* PACMAN_* PKGEXT APK_* SNAP_* FLATPAK_* PORTAGE*
  MAILRC MAILCAPS MAILPATH MUTT* TEXINPUTS TEXMF* BIBINPUTS BSTINPUTS OPENOUT_ANY SHELL_ESCAPE GS_*
  MAGICK_* MAGIC WORDLIST QLOGDIR PIGZ LBZIP2 LZMA_OPT LZOP BROTLI FFREPORT DICPATH ASPELL_CONF
  OPENAI_* ANTHROPIC_* CLAUDE_* CODEX_* GEMINI_* OPENCLAW_* OLLAMA_* HF_* TORCH_* CUDA_*
  COMSPEC PATHEXT SYSTEMROOT APPDATA LOCALAPPDATA USERPROFILE HOMEDRIVE HOMEPATH PSMODULEPATH MSYS* HOME
`);

function anyOf(names: string): RegExp {
  const each = names
    .trim()
    .split(/\s+/)
    .map((name) => name.replaceAll('*', '.*'));
  return new RegExp(`^(?:${each.join('|')})$`, 'i');
}

const HARMLESS_VALUE =
  /^(GIT_)?(PAGER|EDITOR|MANPAGER)=(cat|true|:)?$|^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)=|^GIT_TERMINAL_PROMPT=[01]$|^NODE_ENV=\w*$|^PYTHON(UNBUFFERED|DONTWRITEBYTECODE)=\w*$|^(LESS|MAKEFLAGS)=$|^GIT_OPTIONAL_LOCKS=0$/;

/** The environment that an action brings, but for what every command gets. Where the folders of `XDG_*` are is not every
 * process's, and configuration lies in them that says what programs start. */
export function judgeEnvironment(env: Readonly<Record<string, string>>): readonly Verdict[] {
  return Object.entries(env).flatMap(([name, value]) =>
    isPassed(name) || /^(PWD|OLDPWD)$/.test(name) || ORDINARY.test(`${name}=${value}`)
      ? []
      : judgeVariable(name, value),
  );
}

/** Of the variables that every command gets: a home that is nobody's, or somebody's who did not ask, and values that lead
 * to files. @param house as it is for every action. */
export function judgePassed(
  action: Extract<ActionFacts, { kind: 'exec' }>,
  house: RiskContext,
): readonly Verdict[] {
  return Object.entries(action.env ?? {}).flatMap(([name, value]): Verdict[] => {
    if (name !== 'HOME') return [...unusual(name, value)];
    if (isOwnHome(value, action, house)) return [];
    // What is not usual stands among the facts already.
    const said = isUsual(name, value) ? `HOME is ${value}, which` : 'HOME';
    const why = `${said} is no home that is known here, and what lies in it says what programs do`;
    return [{ rule: 'env.home', tier: 'elevated', why }];
  });
}

function unusual(name: string, value: string): readonly Verdict[] {
  if (name === 'HOME' || !isPassed(name) || isUsual(name, value)) return [];
  return [{ rule: 'env.value', tier: 'elevated', why: `${name} may lead to files of anybody's choice` }];
}

/** What a terminal and a screen set, as they set it. */
const ORDINARY =
  /^(?:SHELL=(?:(?:\/usr(?:\/local)?|\/opt\/homebrew)?\/bin\/(?:ba|z|da|a|k|fi|tc|c)?sh|\/(?:usr\/)?s?bin\/(?:nologin|false))|DISPLAY=(?:localhost|127\.0\.0\.1)?:\d+(?:\.\d+)?)$/;

/** A variable that is set, by an action or in a line. */
export function judgeVariable(name: string, value: string): readonly Verdict[] {
  if (isOwnVariable(name))
    return [{ rule: 'floor.countersign', tier: 'destructive', why: `${name} belongs to Countersign` }];
  const odd = unusual(name, value);
  if (odd.length > 0) return odd;
  if (!PROGRAM_VARIABLES.test(name) || HARMLESS_VALUE.test(`${name}=${value}`)) return [];
  return [
    { rule: 'env.program', tier: 'elevated', why: `${name} changes what programs do or which are started` },
  ];
}
