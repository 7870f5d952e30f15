"""What Jenkins steps of plugins are for: data, looked up and never executed."""

from __future__ import annotations

from linter.model import Map

STEPS: dict[str, str] = {
    # step → roles, or "scan:families"
    "docker.build": "build", "docker.withRegistry": "login", "withDockerRegistry": "login", "ecrLogin": "login",
    "withAWS": "login", "withKubeConfig": "login", "openshift.withCluster": "login", "withVault": "login",
    "dockerFingerprintFrom": "", "kanikoBuild": "publish", "rtMavenDeployer": "publish", "rtUpload": "publish",
    "rtPublishBuildInfo": "publish", "nexusArtifactUploader": "publish", "nexusPublisher": "publish",
    "s3Upload": "publish", "azureUpload": "publish", "googleStorageUpload": "publish", "createGitHubRelease": "publish",
    "uploadGithubReleaseAsset": "publish", "rtPromote": "promote", "rtAddInteractivePromotion": "promote",
    "kubernetesDeploy": "deploy", "kubernetesApply": "deploy", "openshiftDeploy": "deploy",
    "openshift.apply": "deploy", "openshiftVerifyDeployment": "smoke", "ansiblePlaybook": "deploy",
    "ansibleTower": "deploy", "sshPublisher": "deploy", "deploy": "deploy", "azureWebAppPublish": "deploy",
    "azureFunctionAppPublish": "deploy", "acsDeploy": "deploy", "aksDeploy": "deploy", "cfnUpdate": "deploy",
    "cfnUpdateStackSet": "deploy", "cfnCreateChangeSet": "plan", "cfnExecuteChangeSet": "deploy",
    "cfnValidate": "lint", "cfnDelete": "destroy", "ebDeploy": "deploy", "deployLambda": "deploy",
    "createDeployment": "deploy", "octopusDeployRelease": "deploy", "octopusCreateRelease": "deploy",
    "step.googleKubernetesEngine": "deploy", "pushToCloudFoundry": "deploy", "cfPushDeploy": "deploy",
    "helm": "", "awsCodeBuild": "build", "xcodeBuild": "build", "msbuild": "build", "sshCommand": "deploy",
    "sshScript": "deploy", "salt": "deploy", "puppet.job": "deploy", "runTerraform": "", "codefreshRun": "",
    # what is looked at
    "withSonarQubeEnv": "scan:code", "waitForQualityGate": "scan:code", "checkmarxASTScanner": "scan:code",
    "fortifyScan": "scan:code", "veracode": "scan:code", "appscan": "scan:code", "dependencyCheck": "scan:dependencies",
    "dependencyTrackPublisher": "sbom", "snykSecurity": "scan:dependencies", "nexusPolicyEvaluation": "scan:dependencies",
    "whitesource": "scan:dependencies", "xrayScanBuild": "scan:dependencies", "xrayScan": "scan:dependencies",
    "anchore": "scan:image", "aqua": "scan:image", "aquaMicroscanner": "scan:image", "prismaCloudScanImage": "scan:image",
    "twistlockScan": "scan:image", "neuvector": "scan:image", "qualysWASScan": "", "zapScan": "",
    # who is told
    "slackSend": "notify", "mail": "notify", "emailext": "notify", "hipchatSend": "notify",
    "office365ConnectorSend": "notify", "discordSend": "notify", "telegramSend": "notify", "rocketSend": "notify",
    "mattermostSend": "notify", "googlechatnotification": "notify", "hangoutsNotify": "notify", "snsPublish": "notify",
    "pagerduty": "notify", "pagerdutyChangeEvent": "notify", "opsgenie": "notify", "notifyEvents": "notify",
    "victorOpsNotify": "notify", "jiraComment": "notify", "dingtalk": "notify", "dingTalk": "notify", "lark": "notify",
    "notifyBitbucket": "", "githubNotify": "", "matrixSend": "notify", "zulipSend": "notify", "step.Mailer": "notify",
}  # fmt: skip


def roles_of_step(name: str, given: Map) -> tuple[set[str], set[str]]:
    """Roles and scan families of a step by its name and arguments; `step([$class: 'X'])` by its class."""
    if name == "step" and isinstance(given.get("0"), Map) and isinstance(given["0"].get("$class"), str):
        name = f"step.{given['0']['$class']}"
    entry = STEPS.get(name, "")
    if name.endswith(".push") and name != "infra.push":
        entry = "publish"
    if entry.startswith("scan:"):
        return {"scan"}, set(entry[5:].split())
    return set(entry.split()), set()
