"""Runs commands of the real baremetal client, one JSON line each on standard input, in one process: starting Python takes seconds."""
import contextlib
import importlib.metadata
import io
import json
import os
import sys

from ironicclient import shell

answers = sys.stdout


def commands():
    """Every command of the client, and whether it takes an output format."""
    points = importlib.metadata.entry_points(group='openstack.baremetal.v1')
    for point in points:
        parser = point.load()(None, None).get_parser(point.name)
        takes_format = any('-f' in action.option_strings for action in parser._actions)
        yield point.name.removeprefix('baremetal_').replace('_', ' '), takes_format


def run(argv):
    """Exit code and output of one command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        sys.argv = ['baremetal', *argv]
        try:
            code = shell.main(argv)
        except SystemExit as exit:
            code = exit.code
    return {'code': code or 0, 'stdout': out.getvalue(), 'stderr': err.getvalue()}


print(json.dumps(dict(commands())), file=answers, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    os.environ['OS_ENDPOINT'] = request['endpoint']
    print(json.dumps(run(request['argv'])), file=answers, flush=True)
