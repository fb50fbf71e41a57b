//! Shell completion scripts.

use clap_complete::Shell;

use crate::cli::args;

/// The function that gets the addresses for the script. It passes on the directory of `-chdir`.
const BASH_ADDRESSES: &str = r#"
_orgroster_addresses() {
    local word line chdir=()
    for word in "${COMP_WORDS[@]}"; do
        [[ "${word}" == -chdir=* || "${word}" == --chdir=* ]] && chdir=("${word}")
    done
    COMPREPLY=()
    while IFS= read -r line; do
        [[ "${line}" == "${cur}"* ]] && COMPREPLY+=("$(printf '%q' "${line}")")
    done < <(orgroster "${chdir[@]}" completion -addresses 2>/dev/null)
}
"#;
const ZSH_ADDRESSES: &str = r#"
_orgroster_addresses() {
    local -a addresses
    addresses=("${(@f)$(orgroster ${(M)words:#-chdir=*} completion -addresses 2>/dev/null)}")
    compadd -a addresses
}
"#;
const FISH_ADDRESSES: &str = "-f -a \"(orgroster completion -addresses 2>/dev/null)\"";

/// The script for a shell, with the same flags as in the help, and with the configuration's addresses where one is expected.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "orgroster", &mut script);
    with_addresses(shell, &with_single_dashes(shell, &String::from_utf8_lossy(&script)))
}

/// The script with long flags with one dash, as in the help.
fn with_single_dashes(shell: Shell, script: &str) -> String {
    match shell {
        // `-l` introduces a flag with two dashes, and `-o` a long one with one. Elsewhere, `-l` is an option of the script's own commands.
        Shell::Fish => {
            let of_flags = |line: &str| if line.starts_with("complete ") { line.replace(" -l ", " -o ") } else { line.to_owned() };
            script.split_inclusive('\n').map(of_flags).collect()
        }
        Shell::Bash | Shell::Zsh => {
            let mut parts = script.split("--");
            let mut shorter = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                // Two dashes without a name end the options of one of the script's own commands.
                shorter.push_str(if part.starts_with(|first: char| first.is_ascii_lowercase()) { "-" } else { "--" });
                shorter.push_str(part);
            }
            shorter
        }
        _ => script.to_owned(),
    }
}

/// The script with a function that offers addresses after `-target` and `explain`.
fn with_addresses(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => {
            let target = "-target)\n                    COMPREPLY=($(compgen -f \"${cur}\"))";
            let script = script.replace(target, "-target)\n                    _orgroster_addresses");
            let explain = "        orgroster__subcmd__explain)\n";
            let offer = "            if [[ ${cur} != -* && ${prev} != -* ]] ; then\n                _orgroster_addresses\n                return 0\n            fi\n";
            format!("{}{BASH_ADDRESSES}", script.replace(explain, &format!("{explain}{offer}")))
        }
        Shell::Zsh => {
            let of_account = |line: &str| {
                let offered = line.contains("-target=[") || line.starts_with("':account -- ");
                if offered { line.replace(":_default'", ":_orgroster_addresses'") } else { line.to_owned() }
            };
            let script: String = script.split_inclusive('\n').map(of_account).collect();
            let (first, rest) = script.split_once('\n').unwrap_or((&script, ""));
            format!("{first}\n{ZSH_ADDRESSES}{rest}")
        }
        Shell::Fish => {
            let of_target = |line: &str| {
                if line.contains(" -o target ") { format!("{} {FISH_ADDRESSES}\n", line.trim_end()) } else { line.to_owned() }
            };
            let script: String = script.split_inclusive('\n').map(of_target).collect();
            format!("{script}complete -c orgroster -n \"__fish_orgroster_using_subcommand explain\" {FISH_ADDRESSES}\n")
        }
        _ => script.to_owned(),
    }
}
