"""Completion of commands, options and values in the shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

_VARIABLE = "_WELTOFFEN_COMPLETE"


class _Bash(BashComplete):
    """Completion in bash, where a word with blanks must come quoted.

    The shell's ``read`` takes away one backslash, the command line the other.
    """

    name = "bash"

    def format_completion(self, item: CompletionItem) -> str:
        quoted = "".join(x if x.isalnum() or x in "-._/" else f"\\\\{x}" for x in item.value)
        return f"{item.type},{quoted}"


add_completion_class(_Bash)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Gibt das Skript aus, mit dem die Shell Befehle und Werte ergänzt.

    Ergänzt werden Befehle und Optionen, Kommunen (Name oder AGS), Handlungsfelder, Wellen,
    Tabellen, Stände und Vergleichsgruppen, gelesen aus dem aktuellen Stand.

    \b
    bash, in ~/.bashrc:                    eval "$(weltoffen completion bash)"
    zsh, in ~/.zshrc nach compinit:        eval "$(weltoffen completion zsh)"
    fish, in ~/.config/fish/config.fish:   weltoffen completion fish | source
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(shell)
    click.echo(found(ctx.find_root().command, {}, "weltoffen", _VARIABLE).source())
