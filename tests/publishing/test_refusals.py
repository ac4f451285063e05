"""What stops a publication before anything is uploaded."""

import pytest

LOOPBACK = ("--index=http://127.0.0.1:9/", "--simple=http://127.0.0.1:9/simple/")


def publish(project, *arguments, script="publish.py", tools="none"):
    done = project.script(script, *(arguments or LOOPBACK), f"--tools={tools}", UV_PUBLISH_PASSWORD="secret")
    assert "Traceback" not in done.stderr
    assert "is published" not in done.stdout
    return done


@pytest.mark.parametrize("script", ["publish.py", "release.py"])
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--index=", "--simple="), "say where to: INDEX="),
        (("--index=https://a.example/", "--simple="), "say where to: INDEX="),
        (("--index=https://me:pw@a.example/", "--simple=https://a.example/"), "the URL of a.example holds credentials"),
        (("--index=https://a.example/", "--simple=https://me@a.example/"), "the URL of a.example holds credentials"),
        (
            ("--index=http://a.example/", "--simple=https://a.example/"),
            "http://a.example/ is neither https nor on this",
        ),
    ],
)
def test_a_url_that_is_not_fit(untouched, script, arguments, complaint):
    done = publish(untouched, *arguments, script=script)

    assert done.returncode == 1
    assert complaint in done.stderr
    assert "pw" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_tree_that_is_not_clean(project):
    project.edit("README.md", "# ", "# A changed ")

    done = publish(project)

    assert done.returncode == 1
    assert done.stderr == "publish: the tree is not as it was committed: README.md\n"


def test_a_file_that_git_does_not_know(project):
    (project.folder / "src" / "pacerpro_mock" / "new.py").touch()

    assert publish(project).stderr == "publish: the tree is not as it was committed: src/pacerpro_mock/new.py\n"


def test_a_stale_client(project):
    project.edit("generated/pacerpro_client/errors.py", '"""', '"""By hand: ')
    project.commit()

    done = publish(project)

    assert done.returncode == 1
    assert "a check fails:\nFAIL  drift" in done.stderr


def test_a_break_without_its_version(project):
    project.edit("openapi.yaml", "required: [jwtToken, expiresAt]", "required: [jwtToken]")
    assert project.script("generate.py").returncode == 0
    project.commit()

    done = publish(project)

    assert done.returncode == 1
    assert "FAIL  version" in done.stderr
    assert "break: response Session.expiresAt: may be absent now (asks for version 0.6.0)" in done.stderr


def test_a_changelog_that_does_not_know_the_version(project):
    project.edit("openapi.yaml", "version: 0.5.0", "version: 0.6.0")
    assert project.script("generate.py").returncode == 0
    project.commit()

    assert "the newest entry is 0.5.0, and openapi.yaml makes 0.6.0" in publish(project).stderr


@pytest.mark.publish
@pytest.mark.timeout(300)
def test_no_server(untouched, tools):
    done = publish(untouched, tools=tools)

    assert done.returncode == 1
    assert done.stderr.startswith("publish: http://127.0.0.1:9/simple/pacerpro-client/ cannot be reached: ")
