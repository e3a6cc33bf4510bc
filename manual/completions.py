"""Completion files for bash, zsh and fish. All words stand in them: a TAB starts nothing."""

from __future__ import annotations

from manual.commands import Parameter, Program

_NOTE = "# Written by `make manual` from the program; a change here is lost."

_BASH = """\
_stockcast() {{
    local word cur prev command="" index
    cur=${{COMP_WORDS[COMP_CWORD]}}
    prev=${{COMP_WORDS[COMP_CWORD-1]}}
    # --format=csv comes as three words.
    if [[ $cur == = ]]; then
        cur=""
    elif [[ $prev == = ]]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${{COMP_WORDS[index]}}
        if [[ $word != -* ]]; then
            command=$word
            break
        fi
    done
    COMPREPLY=()
    case "$command $prev" in
{values}
    esac
    if [[ $cur == -* || -z $command ]]; then
        case "$command" in
{words}
        esac
        compopt +o default +o bashdefault 2>/dev/null
    fi
}}
complete -o bashdefault -o default -F _stockcast stockcast
"""


def write_bash(program: Program) -> str:
    """Write a completion for bash 4 or newer, without the package bash-completion."""
    values, words = [], []
    names = [one.name for one in program.commands]
    first = " ".join([*names, *(flag for one in program.options for flag in one.flags)])
    words.append(f'            "") COMPREPLY=($(compgen -W "{first}" -- "$cur")) ;;')
    for command in program.commands:
        flags = " ".join(flag for one in command.options for flag in one.flags)
        words.append(
            f'            {command.name}) COMPREPLY=($(compgen -W "{flags}" -- "$cur")) ;;'
        )
        values += [_bash_value(command.name, one) for one in command.options if one.value]
    # Options of several commands take the same values: one line for all of them.
    merged: dict[str, list[str]] = {}
    for line in values:
        pattern, _, action = line.partition(")")
        merged.setdefault(action, []).append(pattern.strip())
    lines = [f"        {'|'.join(patterns)}){action}" for action, patterns in merged.items()]
    return f"{_NOTE}\n" + _BASH.format(values="\n".join(lines), words="\n".join(words))


def _bash_value(command: str, option: Parameter) -> str:
    pattern = "|".join(f'"{command} {flag}"' for flag in option.flags)
    known = _join_words(option)
    if option.files:
        extra = f' COMPREPLY=($(compgen -W "{known}" -- "$cur"));' if known else ""
        return f"{pattern}){extra} return ;;"
    if known:
        offer = f'COMPREPLY=($(compgen -W "{known}" -- "$cur"));'
        return f"{pattern}) {offer} compopt +o default +o bashdefault 2>/dev/null; return ;;"
    return f"{pattern}) compopt +o default +o bashdefault 2>/dev/null; return ;;"


def write_zsh(program: Program) -> str:
    """Write a completion function for zsh, for a folder on fpath."""
    lines = ["#compdef stockcast", _NOTE, ""]
    lines += ["_stockcast_words_or_files() {", '    compadd -- "$@"', "    _files", "}", ""]
    lines += ["_stockcast() {", "    local -a commands=("]
    lines += [f"        {_quote(f'{one.name}:{one.summary}')}" for one in program.commands]
    lines += ["    )", "    local curcontext=$curcontext state line", "    typeset -A opt_args"]
    specs = [_zsh_option(one) for one in program.options]
    lines += [_zsh_call([*specs, "'1: :->command'", "'*:: :->rest'"], "    ", "-C ")]
    lines += ["    case $state in", "    command) _describe -t commands command commands ;;"]
    lines += ["    rest)", "        curcontext=${curcontext%:*:*}:stockcast-$words[1]:"]
    lines += ["        case $words[1] in"]
    for command in program.commands:
        specs = [_zsh_option(one) for one in command.options]
        for one in command.arguments:
            place = "*" if one.many else ""
            specs.append(_quote(f"{place}:{one.value.lower()}:_files"))
        lines += [
            f"        {command.name})",
            _zsh_call(specs, "            ", ""),
            "            ;;",
        ]
    lines += ["        esac", "        ;;", "    esac", "}", "", '_stockcast "$@"']
    return "\n".join(lines) + "\n"


def _zsh_call(specs: list[str], indent: str, flags: str) -> str:
    joined = f" \\\n{indent}    ".join(specs)
    return f"{indent}_arguments {flags}-s -S \\\n{indent}    {joined}"


def _zsh_option(option: Parameter) -> str:
    text = option.note
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    tail = f"[{text}]"
    if option.value:
        value = option.value.lower().replace(":", "\\:")
        tail += f":{value}:{_zsh_action(option)}"
    quoted = _quote(tail)
    if len(option.flags) == 1:
        return f"{option.flags[0]}{quoted}"
    names = " ".join(option.flags)
    return f"'({names})'{{{','.join(option.flags)}}}{quoted}"


def _zsh_action(option: Parameter) -> str:
    known = _join_words(option)
    if option.files and known:
        return f" _stockcast_words_or_files {known}"
    if option.files:
        return "_files"
    return f"({known})" if known else " "


def write_fish(program: Program) -> str:
    """Write completions for fish."""
    names = " ".join(one.name for one in program.commands)
    lines = [_NOTE, f"set -l commands {names}"]
    first = 'complete -c stockcast -n "not __fish_seen_subcommand_from $commands"'
    lines += [f"{first} -f -a {one.name} -d {_fish(one.summary)}" for one in program.commands]
    lines += [f"{first} {_fish_option(one)}" for one in program.options]
    for command in program.commands:
        seen = f'complete -c stockcast -n "__fish_seen_subcommand_from {command.name}"'
        lines += [f"{seen} {_fish_option(one)}" for one in command.options]
    return "\n".join(lines) + "\n"


def _fish_option(option: Parameter) -> str:
    parts = [
        f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags
    ]
    known = _join_words(option)
    if option.value:
        parts.append("-r" if option.files else "-x")
        if known:
            parts.append(f"-a {_fish(known)}")
    return " ".join([*parts, f"-d {_fish(option.help)}"])


def _fish(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _join_words(option: Parameter) -> str:
    """Join the words that a shell takes without quotes; a blank or a quote is typed."""
    return " ".join(one for one in option.offered if one not in (" ", "'"))


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
