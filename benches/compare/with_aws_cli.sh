#!/usr/bin/env bash
# A shell script with the AWS CLI: the same reads as with_boto3.py, with a process for each request.
set -euo pipefail
management=$1
shift
ask() { aws organizations "$@" --output json; }
text() { aws organizations "$@" --output text; }

ask describe-organization >/dev/null
root=$(text list-roots --query 'Roots[0].Id')
ask list-accounts >/dev/null
ask list-delegated-administrators >/dev/null
declare -A attached described named

policies_at() {
  [ -z "${attached[$1]:-}" ] || return 0
  attached[$1]=$(text list-policies-for-target --target-id "$1" --filter SERVICE_CONTROL_POLICY --query 'Policies[].Id')
  for policy in ${attached[$1]}; do
    [ -n "${described[$policy]:-}" ] || described[$policy]=$(text describe-policy --policy-id "$policy" --query Policy.Content)
  done
}

[ $# = 0 ] || ask list-aws-service-access-for-organization >/dev/null
for account in "$@"; do
  child=$account
  while [ "$child" != "$root" ]; do
    policies_at "$child"
    child=$(text list-parents --child-id "$child" --query 'Parents[0].Id')
    if [[ $child == ou-* && -z ${named[$child]:-} ]]; then
      named[$child]=$(text describe-organizational-unit --organizational-unit-id "$child" --query OrganizationalUnit.Name)
    fi
  done
  policies_at "$root"
  ask list-tags-for-resource --resource-id "$account" >/dev/null
done
echo "organization of $management read"
