//! Completion scripts of shells.

use clap_complete::Shell;

use crate::cli::args;

/// Where the scripts ask for addresses. A directory that was named is named again.
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

/// The script of a shell: with the flags that help shows, and with the addresses of the configuration where one is wanted.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "orgroster", &mut script);
    with_addresses(shell, &with_single_dashes(shell, &String::from_utf8_lossy(&script)))
}

/// The script with the long flags that help shows, which have one dash.
fn with_single_dashes(shell: Shell, script: &str) -> String {
    match shell {
        // `-l` names a flag with two dashes, `-o` a long one with one; elsewhere `-l` is an option of the script's own commands.
        Shell::Fish => {
            let of_flags = |line: &str| if line.starts_with("complete ") { line.replace(" -l ", " -o ") } else { line.to_owned() };
            script.split_inclusive('\n').map(of_flags).collect()
        }
        Shell::Bash | Shell::Zsh => {
            let mut parts = script.split("--");
            let mut shorter = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                // Two dashes that no name follows end the options of a command of the script's own.
                shorter.push_str(if part.starts_with(|first: char| first.is_ascii_lowercase()) { "-" } else { "--" });
                shorter.push_str(part);
            }
            shorter
        }
        _ => script.to_owned(),
    }
}

/// The script with a function that offers addresses behind `-target` and `explain`.
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
