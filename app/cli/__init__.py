"""The command line: everything that whoever runs Foyer does outside the browser."""

import os

import click

from app.cli import admin, audit, demo, evaluate, imports, portal, running, scim, tools, upkeep
from app.config import Config, ConfigError
from app.factory import connect_listeners
from app.web import request_log

COMMANDS = (
    running.serve,
    running.worker,
    running.semantic,
    upkeep.migrate,
    imports.group,
    upkeep.reindex,
    upkeep.train,
    evaluate.group,
    demo.group,
    admin.group,
    audit.group,
    scim.group,
    tools.group,
    upkeep.config,
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings are environment variables that begin with FOYER_; see 'foyer config'.",
)
@click.pass_context
def main(context: click.Context) -> None:
    """Foyer, the one front door to everything a company learns with.

    A first start, with a database of your own:

    \b
      foyer migrate
      foyer admin create --email you@example.com --name "Your Name"
      foyer import items catalogue.jsonl --dry-run
      foyer import items catalogue.jsonl
      foyer reindex
      foyer serve

    A look at the sample company:

    \b
      FOYER_DEMO=1 foyer demo prepare
      FOYER_DEMO=1 foyer serve
    """
    if context.resilient_parsing or context.obj is not None:
        return
    try:
        config = Config.from_env(os.environ)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    request_log.configure(config.log_level, config.log_format)
    connect_listeners()
    context.obj = portal.Portal(config)
    context.call_on_close(context.obj.close)


for _command in COMMANDS:
    main.add_command(_command)
