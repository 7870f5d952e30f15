"""What the tasks of Azure Pipelines are for: data for roles, looked up and never executed.

Names are those of https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/ and of widely used extensions, in
lower case and without publisher.
"""

from __future__ import annotations

from collections.abc import Mapping

from linter.parsers.pipelines.roles_table import TRIVY

# task → roles, or "scan:families", or "input=value:roles; …" where an input decides ("*" for any other value).
TASKS: dict[str, str] = {
    # deployments
    "azurewebapp": "deploy", "azurermwebappdeployment": "deploy", "azurewebappcontainer": "deploy",
    "azurefunctionapp": "deploy", "azurefunctionappcontainer": "deploy", "azureappservicemanage":
        "action=swap slots:deploy; *:", "azurestaticwebapp": "deploy", "azurecontainerapps": "deploy",
    "azureresourcemanagertemplatedeployment": "deploymentmode=validation:plan; *:deploy",
    "azureresourcegroupdeployment": "deploymentmode=validation:plan; *:deploy",
    "azurecloudpowershelldeployment": "deploy", "azurespringcloud": "action=deploy:deploy; *:",
    "azurevmssdeployment": "deploy", "servicefabricdeploy": "deploy", "servicefabriccomposedeploy": "deploy",
    "iiswebappdeploymentonmachinegroup": "deploy", "iiswebappdeploy": "deploy", "windowsmachinefilecopy": "deploy",
    "azurefilecopy": "deploy", "copyfilesoverssh": "deploy", "ftpupload": "deploy", "vsphere": "",
    "kubernetesmanifest": "action=bake:build; action=reject:rollback; action=createsecret:; *:deploy",
    "kubernetes": "command=apply:deploy; command=create:deploy; command=set:deploy; command=delete:deploy; "
        "command=rollout:deploy; command=login:login; *:",
    "helmdeploy": "command=upgrade:deploy; command=install:deploy; command=rollback:rollback; command=package:build; "
        "command=save:publish; command=test:verify; command=lint:lint; command=template:build; *:",
    "packagingtool": "", "azurefunction": "", "invokerestapi": "", "awsshellscript": "", "awscli": "",
    "cloudformationcreateorupdatestack": "deploy", "beanstalkdeployapplication": "deploy",
    "codedeploydeployapplication": "deploy", "lambdadeployfunction": "deploy", "s3upload": "deploy",
    "ecrpushimage": "publish", "ecsdeploy": "deploy", "octopusdeployrelease": "deploy",
    "octopuscreaterelease": "publish", "octopusdeploy": "deploy", "appcenterdistribute": "deploy",
    "googleplayrelease": "deploy", "appstorerelease": "deploy", "powerplatformimportsolution": "deploy",
    "azurestreamanalytics": "deploy", "azuremonitor": "verify",
    "azurestaticwebapps": "deploy", "azureiotedge": "action=deploy to iot edge devices:deploy; *:build",
    # migrations of data
    "sqlazuredacpacdeployment": "deploymentaction=script:plan; deploymentaction=deployreport:plan; "
        "deploymentaction=driftreport:plan; deploymentaction=export:; deploymentaction=extract:; *:migrate deploy",
    "sqldacpacdeploymentonmachinegroup": "migrate deploy", "sqlserverdacpacdeployment": "migrate deploy",
    "azuremysqldeployment": "migrate deploy", "mysqldeploymentonmachinegroup": "migrate deploy",
    "sqlscriptdeployment": "migrate deploy", "flywaydeploy": "migrate", "liquibase": "migrate",
    # infrastructure
    "terraformtaskv1": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraformtaskv2": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraformtaskv3": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraformtaskv4": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraformtask": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraformcli": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "terraform": "command=plan:plan; command=apply:deploy; command=destroy:destroy; command=validate:lint; *:",
    "pulumi": "command=preview:plan; command=up:deploy; command=destroy:destroy; *:", "ansible": "deploy",
    "packerbuild": "build",
    # builds, tests
    "dotnetcorecli": "command=test:test; command=build:build; command=publish:build; command=pack:build; "
        "command=push:publish; *:",
    "vsbuild": "build", "msbuild": "build", "xamarinandroid": "build", "xamarinios": "build", "xcode":
        "actions=test:test; *:build",
    "vstest": "test", "visualstudiotestplatforminstaller": "", "publishtestresults": "", "publishcodecoverageresults": "",
    "azureloadtest": "test", "cypress": "test", "maven": "goals=deploy:publish; goals=clean deploy:publish; "
        "goals=compile:build; goals=package:build test; *:test", "gradle": "tasks=publish:publish; tasks=assemble:build; *:test",
    "ant": "build", "gulp": "build", "grunt": "build", "cmake": "build", "gotool": "", "go":
        "command=test:test; command=build:build; *:",
    "npm": "command=publish:publish; *:", "nuget": "command=push:publish; command=pack:build; *:",
    "nugetcommand": "command=push:publish; command=pack:build; *:", "universalpackages": "command=publish:publish; *:",
    "twineauthenticate": "login", "pipauthenticate": "login", "npmauthenticate": "login", "nugetauthenticate": "login",
    "mavenauthenticate": "login", "cargoauthenticate": "login", "nodetool": "", "usenode": "", "usepythonversion": "",
    "githubrelease": "action=delete:; *:publish", "publishpypipackage": "publish", "publishsymbols": "publish",
    "docker": "command=build:build; command=push:publish; command=buildandpush:build publish; command=login:login; "
        "action=build an image:build; action=push an image:publish; command=logout:; command=start:; command=stop:; "
        "*:build publish",
    "dockercompose": "action=build services:build; action=push services:publish; action=run services:; *:",
    "acrtask": "build publish", "acrbuild": "build publish", "containerbuild": "build publish",
    # scans
    "trivy": "scan:", "trivytask": "scan:", "sonarqubeanalyze": "scan:code", "sonarcloudanalyze": "scan:code",
    "sonarqubepublish": "", "sonarcloudpublish": "", "sonarqubeprepare": "", "sonarcloudprepare": "",
    "snyksecurityscan": "scan:dependencies", "whitesource": "scan:dependencies", "whitesourcebolt": "scan:dependencies",
    "mend": "scan:dependencies", "dependency-check-build-task": "scan:dependencies",
    "dependencycheck": "scan:dependencies", "microsoftsecuritydevops": "scan:code secrets iac",
    "credscan": "scan:secrets", "gitleaks": "scan:secrets", "ggshield": "scan:secrets",
    "advancedsecurity-codeql-analyze": "scan:code", "advancedsecurity-codeql-init": "",
    "advancedsecurity-dependency-scanning": "scan:dependencies", "checkmarx": "scan:code", "checkmarx ast": "scan:code",
    "checkmarxast": "scan:code", "fortifyscancentralsast": "scan:code", "veracode": "scan:code",
    "prisma-cloud-scan": "scan:image", "aquasecscanner": "scan:image", "aquascanner": "scan:image",
    "twistlockscan": "scan:image", "kubescape": "scan:iac", "checkov": "scan:iac", "tfsec": "scan:iac",
    "terrascan": "scan:iac", "componentgovernancecomponentdetection": "scan:dependencies", "semmle": "scan:code",
    "securitycodeanalysis": "scan:code", "antimalware": "scan:", "owaspzap": "scan:", "policheck": "",
    "resharpercli": "lint", "stylecop": "lint", "markdownlint": "lint",
    # supply chain
    "manifestgeneratortask": "sbom", "sbomtool": "sbom", "cyclonedx": "sbom", "esrpcodesigning": "sign",
    "azurecodesigning": "sign", "trustedsigning": "sign", "notation": "command=sign:sign; command=verify:verify; *:",
    "cosign": "sign", "azuresigntool": "sign",
    # people and messages
    "sendemail": "notify", "msteamsnotification": "notify", "slacknotification": "notify", "postmessagetoteams": "notify",
    "servicenow-devops-config-validate": "verify", "queryworkitems": "verify", "queryazuremonitoralerts": "verify",
}  # fmt: skip

INLINE: dict[str, tuple[tuple[str, ...], str]] = {
    "bash": (("script",), "bash"), "powershell": (("script",), "powershell"), "cmdline": (("script",), "script"),
    "shellscript": (("inlinescript", "script"), "bash"), "azurecli": (("inlinescript",), "script"),
    "azurepowershell": (("inline", "inlinescript"), "powershell"), "pythonscript": (("script",), "python"),
    "ssh": (("inline", "commands"), "bash"), "awsshellscript": (("inlinescript",), "bash"),
    "awspowershellmodulescript": (("inlinescript",), "powershell"), "batchscript": (("script",), "cmd"),
    "powershellontargetmachines": (("inlinescript",), "powershell"), "sshcommand": (("commands",), "bash"),
    "kubectl": (("arguments",), "script"), "docker-run": (("containercommand",), "bash"),
}  # fmt: skip
"""Task → (inputs in lower case that hold a script, what runs it; `script` is the agent's own shell)."""

PATHS = frozenset(("filepath", "scriptpath", "file", "scriptfile"))
"""Values of the input that says where a script is, with which an inline one is not run."""


def table_name(name: str) -> str:
    """A task as the tables know it: in lower case, without publisher and extension (`ms-devlabs.x.y.TerraformTaskV4`)."""
    return name.lower().rpartition(".")[2]


def roles_of_task(name: str, inputs: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Roles and scan families of a task. inputs: texts by name in lower case."""
    entry = TASKS.get(table_name(name), "")
    if entry.startswith("scan:"):
        return {"scan"}, set(entry[5:].split()) or _trivy(table_name(name), inputs)
    if "=" not in entry:
        return set(entry.split()), set()
    for alternative in entry.split(";"):
        condition, _, roles = alternative.strip().rpartition(":")
        key, equals, wanted = condition.partition("=")
        if not equals or inputs.get(key, _default(key, name)).strip().lower() == wanted:
            return set(roles.split()), set()
    return set(), set()


def _default(key: str, name: str) -> str:
    """What an input means that is not written, where it decides."""
    return {"docker": "buildandpush", "dotnetcorecli": "build"}.get(table_name(name), "") if key == "command" else ""


def _trivy(name: str, inputs: Mapping[str, str]) -> set[str]:
    if not name.startswith("trivy"):
        return set()
    if inputs.get("image") or inputs.get("docker"):
        return set(TRIVY["image"].split())
    return set(TRIVY.get(inputs.get("type", "fs"), TRIVY["fs"]).split())
