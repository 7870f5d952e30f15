"""A Google Cloud project in good order fails no rule for it, and what is unknown is only what nobody wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import PACK, failed, scanned, write

PROJECT = """
variable "project_id" { type = string }
variable "region" { default = "europe-west3" }
variable "admins" { type = list(string) }
resource "google_compute_network" "vpc" {
  name                    = "${var.project_id}-vpc"
  auto_create_subnetworks = false
}
resource "google_compute_subnetwork" "web" {
  name                     = "web"
  network                  = google_compute_network.vpc.id
  ip_cidr_range            = "10.0.0.0/20"
  private_ip_google_access = true
  log_config {}
}
resource "google_compute_firewall" "web" {
  name    = "web"
  network = google_compute_network.vpc.name
  allow {
    protocol = "tcp"
    ports    = ["443", "8443"]
  }
  allow { protocol = "icmp" }
  source_ranges = ["0.0.0.0/0"]
}
resource "google_compute_firewall" "inner" {
  for_each = toset(["22", "3306"])
  name     = "inner-${each.key}"
  network  = google_compute_network.vpc.name
  allow {
    protocol = "tcp"
    ports    = [each.value]
  }
  source_ranges = [google_compute_subnetwork.web.ip_cidr_range]
}
resource "google_service_account" "nodes" { account_id = "nodes" }
resource "google_kms_key_ring" "r" {
  name     = "r"
  location = var.region
}
resource "google_kms_crypto_key" "k" {
  name            = "k"
  key_ring        = google_kms_key_ring.r.id
  rotation_period = "7776000s"
  lifecycle { prevent_destroy = true }
}
resource "google_project_iam_member" "nodes" {
  for_each = toset(["roles/logging.logWriter", "roles/monitoring.metricWriter"])
  project  = var.project_id
  role     = each.value
  member   = google_service_account.nodes.member
}
resource "google_project_iam_binding" "admins" {
  project = var.project_id
  role    = "roles/run.admin"
  members = var.admins
}
resource "google_container_cluster" "c" {
  name                        = "c"
  location                    = var.region
  remove_default_node_pool    = true
  initial_node_count          = 1
  network                     = google_compute_network.vpc.id
  subnetwork                  = google_compute_subnetwork.web.id
  datapath_provider           = "ADVANCED_DATAPATH"
  enable_intranode_visibility = true
  resource_labels             = { team = "shop" }
  private_cluster_config {
    enable_private_nodes   = true
    master_ipv4_cidr_block = "172.16.0.0/28"
  }
  master_authorized_networks_config {
    cidr_blocks { cidr_block = "10.0.0.0/8" }
  }
  release_channel { channel = "REGULAR" }
  workload_identity_config { workload_pool = "${var.project_id}.svc.id.goog" }
  binary_authorization { evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE" }
  authenticator_groups_config { security_group = "gke-security-groups@example.com" }
}
resource "google_container_node_pool" "p" {
  name    = "p"
  cluster = google_container_cluster.c.id
  management {
    auto_repair  = true
    auto_upgrade = true
  }
  node_config {
    service_account = google_service_account.nodes.email
    workload_metadata_config { mode = "GKE_METADATA" }
    shielded_instance_config { enable_secure_boot = true }
    oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]
  }
}
resource "google_storage_bucket" "b" {
  name                        = "${var.project_id}-b"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning { enabled = true }
  encryption { default_kms_key_name = google_kms_crypto_key.k.id }
  logging { log_bucket = google_storage_bucket.logs.name }
}
resource "google_storage_bucket" "logs" {
  name                        = "${var.project_id}-logs"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning { enabled = true }
  encryption { default_kms_key_name = google_kms_crypto_key.k.id }
}
resource "google_storage_bucket_iam_member" "m" {
  bucket = google_storage_bucket.b.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.nodes.email}"
}
resource "google_compute_instance" "vm" {
  name         = "vm"
  machine_type = "e2-medium"
  boot_disk {
    kms_key_self_link = google_kms_crypto_key.k.id
    initialize_params { image = "debian-cloud/debian-12" }
  }
  network_interface { subnetwork = google_compute_subnetwork.web.self_link }
  shielded_instance_config { enable_secure_boot = true }
  metadata = { enable-oslogin = "TRUE" }
  service_account {
    email  = google_service_account.nodes.email
    scopes = ["cloud-platform"]
  }
}
"""
RULES = [id for id in PACK.ids if PACK.source(id).startswith("terraform/gcp/")]


def test_a_project_in_good_order_fails_nothing(tmp_path: Path) -> None:
    scan = scanned(write(tmp_path, {"main.tf": PROJECT}), *RULES)
    assert [(finding.rule, finding.subject) for finding in failed(scan)] == []
    unknown = {j.unknowns[0].subject for j in scan.judgements if j.outcome == "unknown"}
    assert unknown == {"var.admins"}
    judged = {j.rule for j in scan.judgements if j.outcome == "pass"}
    assert len(judged) > 60


WEAKER = {
    "public nodes": ("enable_private_nodes   = true", "enable_private_nodes   = false", {"gke-private"}),
    "open port": ('"8443"', '"22"', {"fw-no-world-ssh"}),
    "public bucket": (
        'member = "serviceAccount:${google_service_account.nodes.email}"',
        'member = "allUsers"',
        {"gcs-not-public"},
    ),
    "basic role": (
        '"roles/logging.logWriter"',
        '"roles/editor"',
        {"gcp-no-basic-roles", "service-account-no-admin"},
    ),
    "shared account": (
        "email  = google_service_account.nodes.email",
        'email  = "1-compute@developer.gserviceaccount.com"',
        {"gce-no-default-sa", "gce-no-default-sa-full-access"},
    ),
}


@pytest.mark.parametrize(("good", "bad", "rules"), WEAKER.values(), ids=WEAKER)
def test_a_weakening_is_found_by_its_rules_alone(tmp_path: Path, good: str, bad: str, rules: set[str]) -> None:
    assert good in PROJECT
    scan = scanned(write(tmp_path, {"main.tf": PROJECT.replace(good, bad)}), *RULES)
    assert {finding.rule for finding in failed(scan)} == rules
