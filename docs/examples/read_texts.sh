#!/usr/bin/env bash
# A consumer of events.sms.received that knows nothing of Frontdesk but its JSON Schema: prints a line per text.
#   NATS_URL=nats://USER:PASSWORD@HOST:PORT ./read_texts.sh [HOW_MANY]
# bash 4.4 or newer; no library, no other program.
set -euo pipefail
export LC_ALL=C # the bus counts bytes, not characters

subject=events.sms.received
type=frontdesk.sms.received.v1
how_many=${1:-1}
[[ ${NATS_URL:-} =~ ^nats://([^:@/]+):([^@/]+)@([^:/]+):([0-9]+)$ ]] || {
  echo 'NATS_URL=nats://USER:PASSWORD@HOST:PORT is needed' >&2
  exit 2
}
user=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} host=${BASH_REMATCH[3]} port=${BASH_REMATCH[4]}

# --- JSON: every value of a document into `fields`, by its path: .data.message_sid -> SM123 (strings as escaped) ----

declare -A fields=() seen=()
json=''
string='"[^"\\]*(\\.[^"\\]*)*"' plain='[-+.0-9a-zA-Z]+'

token() { # PATTERN: takes it off the front of `json`
  [[ $json =~ ^[[:space:]]*($1) ]] || return 1
  json=${json:${#BASH_REMATCH[0]}} found=${BASH_REMATCH[1]}
}

value() { # PATH
  local path=$1 key index=0
  if token '\{'; then
    until token '\}'; do
      token "$string" || return 1
      key=${found:1:-1}
      token ':' && value "$path.$key" || return 1
      token ',' || true
    done
  elif token '\['; then
    until token '\]'; do
      value "$path.$((index++))" || return 1
      token ',' || true
    done
  elif token "$string"; then
    fields[$path]=${found:1:-1}
  else
    token "$plain" && fields[$path]=$found
  fi
}

# --- what to do with a text ----------------------------------------------------------------------------------------

handle() { # BODY
  fields=() json=$1
  [[ $json == '{'* ]] && value '' || { echo 'not JSON: passed over' >&2; return 0; }
  [[ ${fields[.type]:-} == "$type" ]] || return 0   # a type of tomorrow: not ours
  local id=${fields[.id]:-} from=${fields[.data.from_number]:-}
  [[ -n $id && -z ${seen[$id]:-} ]] || return 0     # the same id is the same text
  seen[$id]=yes
  ((${#from} <= 4)) || from="***${from: -4}"        # patients' numbers do not belong on screens
  printf '%s from %s\n' "${fields[.data.message_sid]:-}" "$from"
}

# --- the NATS protocol: lines that end in CR LF, and a body of as many bytes as its line says ------------------------

exec 3<>"/dev/tcp/$host/$port"
say() { printf '%s\r\n' "$1" >&3; }
say "CONNECT {\"verbose\":true,\"user\":\"$user\",\"pass\":\"$password\",\"name\":\"read_texts.sh\"}"

agreed=0
while ((${#seen[@]} < how_many)) && IFS= read -r line <&3; do
  read -r verb rest <<<"${line%$'\r'}"
  case $verb in # others, such as INFO, need no answer
    +OK)
      case $((++agreed)) in
        1) say "SUB $subject 1" ;;
        2) echo 'listening' >&2 ;;
      esac
      ;;
    PING) say PONG ;;
    MSG)
      IFS= read -r -N "$((${rest##* } + 2))" body <&3
      handle "${body%$'\r\n'}"
      ;;
    -ERR)
      echo "NATS says: $rest" >&2
      exit 1
      ;;
  esac
done
((${#seen[@]} >= how_many)) || {
  echo 'the connection was lost' >&2
  exit 1
}
