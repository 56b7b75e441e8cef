import { stemWord } from './stem-word.ts';

/**
 * Words that people use for one another when they speak of what a tool does, a line for each meaning. A tool that has one of them is
 * found by the others, behind tools that have the very word. General words only: names of products, and what one server calls its things,
 * are no synonyms.
 */
const meanings = `
create make new add insert generate build write register open compose draft prepare
store save put keep persist upsert write set
delete remove drop erase destroy purge forget clear discard trash wipe cleanup detach rid throw clean
update edit change modify patch alter adjust set rewrite correct amend tweak replace assign mark upgrade
get read show fetch view retrieve display see content describe detail inspect tell give
list which exist available enumerate overview browse
search find look lookup query grep seek discover locate filter match pattern
send post submit deliver push
tell say announce notify inform message
run execute exec invoke start trigger launch perform call kick
start begin boot launch open
stop kill terminate cancel abort end quit halt interrupt shut
pause suspend stop freeze
resume continue restart
retry rerun again repeat redo restart
move rename transfer relocate
copy duplicate clone fork
download export save dump backup
upload import attach put
reply answer respond
forward pass redirect
share invite collaborate
restore revert rollback undo back earlier previous former
deploy publish release ship live rollout
install setup
uninstall remove delete
approve accept confirm
decline reject refuse deny
close resolve finish complete done fix solve
enable activate allow permit grant whitelist
disable deactivate block
merge combine join union unite
compare diff difference change
connect login authenticate signin auth
assign assignee owner
subscribe follow watch
check verify validate lint test ensure
audit check analyze assess evaluate scan advisor recommendation advice
explain reason cause diagnose debug analyze
wait sleep delay
navigate go visit open browse
choose select pick option dropdown
break split expand subtask step divide
extract scrape parse pull crawl
summarize summary digest brief gist
pack bundle package consolidate zip archive compress
simulate emulate mock fake override pretend
rank rerank sort order relevance
status state progress pass health
count many number total amount
statistic stat analytics metric usage traffic visit report
cost price pricing bill charge expense money pay
size big large long
distance far
elevation height high altitude
near nearby around closest nearest local
area region reachable zone reach
direction route way drive travel navigate path
optimal best shortest optimization optimize
place location shop store restaurant business venue cafe poi
address street coordinate geocode position latitude longitude gps location
center middle centroid midpoint
overlap intersect intersection common
bearing heading angle compass
map chart plan
image picture photo pic icon drawing graphic svg illustration
screenshot picture snapshot capture
video film movie clip recording record screencast
news headline article
paper study publication scientific academic article
web internet online
website site domain
domain dns zone hostname
page tab webpage
page doc note document
url link href
text markdown word
paragraph block section
folder directory
tree structure hierarchy
file document disk path
spreadsheet sheet excel workbook
record row document entry item object
table collection dataset
field column property attribute
cell range
database sql
migration schema ddl alter
index indices
schema structure mapping field type
vector embedding semantic similar
person people user contact member customer entity
colleague coworker teammate user member developer
company organization business account entity
team group
self whoami me account profile identity
relation link association connection
memory remember recall knowledge graph observation fact
repository project codebase
issue bug ticket problem defect
error exception crash failure bug issue problem
comment note remark discussion feedback
review reviewer
commit change history
history past version revision
latest recent newest last current
code source program script
function symbol code source
function lambda serverless worker edge
test spec
coverage cover
flaky unreliable unstable intermittent sometimes random
build pipeline ci workflow job compile
workflow automation automate flow
execution run
fail failure error crash broken
log output trace print
performance slow speed fast latency trace profile
request call http network
console terminal shell command
javascript script js
click press tap push touch hit
type enter input fill field box
keyboard key shortcut press
scroll swipe
dialog popup modal prompt
browser chrome
device phone mobile
simulator emulator simulation
orientation rotate sideways landscape portrait
element component widget control
style css design format
process program task
task todo subtask
container pod docker
cluster server instance node machine host
replica scale instance
chart helm
bucket storage blob object
secret token password credential key
variable environment setting
schedule cron recurring periodic hourly daily nightly weekly
alarm timer reminder
calendar event meeting appointment schedule
mail email message inbox
message chat conversation thread
channel room chat
reaction emoji react
label tag category
sprint cycle iteration milestone
documentation docs manual guide reference
example sample demo snippet
template example starter preset boilerplate ready
library package framework dependency
app application program
setting config configuration preference option
permission access right
security secure vulnerability safe risk
notification alert reminder
monitor watch track observe
time date clock
weather forecast temperature
star favorite bookmark pin
snooze postpone defer
protect lock guard
blame author annotate
gist snippet paste
goal initiative roadmap epic objective
alive ping health reachable heartbeat
clipboard copy paste
hover mouse pointer cursor
drag drop move
resize size dimension window viewport
heap memory ram leak allocation
accessibility accessible a11y
artifact output result
idle underused waste unused
shard partition
quota limit usage credit balance
feedback rating opinion
aggregate group sum
payment pay charge
refund reimburse
invoice bill receipt
order purchase buy
customer client buyer
subscription plan
translate translation language
transcribe transcript speech caption subtitle
speak speech voice audio sound
play music song track
calculate compute evaluate sum
question ask answer
think reason thought
multiple several batch bulk many
model llm ai
`
  .trim()
  .split('\n')
  .map((line) => new Set(line.split(' ').map(stemWord)));

const byStem = new Map<string, string[]>();
meanings.forEach((stems, index) => {
  for (const stem of stems) byStem.set(stem, [...(byStem.get(stem) ?? []), `~${index}`]);
});

/** The meanings of a stem, as terms of an index that no word can be. */
export function meaningsOf(stem: string): readonly string[] {
  return byStem.get(stem) ?? [];
}

const longForms = new Map(
  Object.entries({
    pr: 'pull request',
    prs: 'pull request',
    mr: 'merge request',
    repo: 'repository',
    repos: 'repository',
    db: 'database',
    dbs: 'database',
    dir: 'directory',
    msg: 'message',
    env: 'environment',
    k8s: 'kubernetes',
    js: 'javascript',
    info: 'information',
    org: 'organization',
    orgs: 'organization',
  }).map(([short, long]) => [short, long.split(' ')]),
);

/** What stands for an abbreviation; the word itself where it is none. */
export function inFull(word: string): readonly string[] {
  return longForms.get(word) ?? [word];
}
