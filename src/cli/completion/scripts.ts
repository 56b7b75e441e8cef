import type { Shell } from './shells.ts';

/**
 * The script for a shell. All of them only ask the program, with the words up to the cursor, so they need not change with it; and show
 * what it answers, a word and what it is on each line, with a last line that begins with a colon where the shell itself goes on.
 */
export const scripts: Record<Shell, string> = {
  // Words are split at blanks here: bash splits them at = and : as well, and expects an answer for the last piece alone. Works with 3.2.
  bash: `# bash completion of mcp-marshal
_mcp_marshal() {
  local IFS=$' \\t\\n'
  local line mode= current stem= before="\${COMP_LINE:0:COMP_POINT}"
  local -a words values
  read -ra words <<<"$before"
  [[ $before == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  [[ $current == *=* && $COMP_WORDBREAKS == *=* ]] && stem="\${current%"\${current##*=}"}"
  [[ \${current#"$stem"} == *:* && $COMP_WORDBREAKS == *:* ]] && stem="\${current%"\${current##*:}"}"
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) mode=$line ;;
      *) line="\${line%%$'\\t'*}"; COMPREPLY+=("\${line#"$stem"}") ;;
    esac
  done < <(mcp-marshal complete -- "\${words[@]:1}" 2>/dev/null)
  case $mode in
    :files) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current#"$stem"}") ;;
    :folders) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "\${current#"$stem"}") ;;
  esac
  if type compopt >/dev/null 2>&1; then
    case $mode in
      :files|:folders) compopt -o filenames ;;
      :open) compopt -o nospace ;;
    esac
  fi
}
complete -F _mcp_marshal mcp-marshal
`,
  zsh: `#compdef mcp-marshal
# zsh completion of mcp-marshal
_mcp_marshal() {
  local line mode=
  local -a offered described
  while IFS= read -r line; do
    case $line in
      :*) mode=$line ;;
      *) offered+=("\${line%%$'\\t'*}"); described+=("\${line/$'\\t'/  }") ;;
    esac
  done < <(mcp-marshal complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#offered} )); then
    if [[ $mode == :open ]]; then
      compadd -l -S '' -d described -a offered
    else
      compadd -l -d described -a offered
    fi
  fi
  case $mode in
    :files) compset -P '--[a-z-]##='; _files ;;
    :folders) compset -P '--[a-z-]##='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _mcp_marshal ]]; then
  _mcp_marshal "$@"
else
  compdef _mcp_marshal mcp-marshal
fi
`,
  fish: `# fish completion of mcp-marshal
function __mcp_marshal_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (mcp-marshal complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files' ':folders'
                set -l stem (string match -r -- '^--[a-z-]+=' "$current")
                set -l rest (string replace -- "$stem" '' "$current")
                set -l paths (test $line = ':files'; and __fish_complete_path "$rest"; or __fish_complete_directories "$rest")
                for path in $paths
                    echo "$stem$path"
                end
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c mcp-marshal -f -a '(__mcp_marshal_complete)'
`,
  // An empty argument does not reach a program before PowerShell 7.3. No answer has it offer files itself.
  powershell: `# PowerShell completion of mcp-marshal
Register-ArgumentCompleter -Native -CommandName mcp-marshal -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $fresh = @(if ($wordToComplete -eq '') { '--new-word' })
  mcp-marshal complete @fresh -- @words 2>$null | Where-Object { -not $_.StartsWith(':') } | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    if (-not $description) { $description = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
  }
}
`,
};
