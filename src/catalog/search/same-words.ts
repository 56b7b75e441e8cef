import { stemWord } from './stem-word.ts';

/**
 * Words that people use for one another when they speak of what a tool does, a line for each meaning. A tool that has one of them is
 * found by the others, behind tools that have the very word. General words only: names of products, and what one server calls its things,
 * are no synonyms.
 */
const meanings = `
create make new add insert generate build write register open
delete remove drop erase destroy purge forget clear discard trash
update edit change modify patch alter adjust set rewrite
get read show fetch view retrieve display see content
list all every which exist available enumerate overview
search find look lookup query grep seek discover locate
send post submit deliver
run execute exec invoke start trigger launch
stop kill terminate cancel abort end quit halt interrupt
move rename transfer relocate
copy duplicate clone
download export save
upload import attach
reply answer respond
forward pass redirect
share invite collaborate
restore revert rollback undo back
deploy publish release ship
approve accept confirm
decline reject refuse deny
close resolve finish complete done
status state progress pass health
count many number total amount
size big large long
distance far
elevation height high altitude
near nearby around closest local
area region reachable zone
direction route way drive travel navigate
place location shop store restaurant business venue cafe poi
address street coordinate geocode position latitude longitude
image picture photo pic icon
screenshot picture snapshot capture
video film movie clip recording record
news headline article
web internet online
website site domain
page tab webpage
url link href
text markdown word
folder directory
file document disk path
spreadsheet sheet excel workbook
record row document entry item object
table collection dataset
field column property attribute
cell range
database sql
index indices
schema structure mapping
person people user contact member customer entity
company organization business account entity
relation link association connection
memory remember recall knowledge graph observation fact
repository project codebase
issue bug ticket problem defect
comment note remark discussion feedback
review reviewer
commit change history
function symbol code source
test spec
flaky unreliable unstable intermittent
build pipeline ci workflow job
fail failure error crash broken
log output trace
performance slow speed fast latency
request call http
console terminal shell command
javascript script js
click press tap push
type enter input fill
scroll swipe
browser chrome
device phone mobile
orientation rotate sideways landscape portrait
process program task
container pod docker
replica scale instance
chart helm
secret token password credential key
schedule cron recurring
calendar event meeting appointment schedule
mail email message inbox
documentation docs manual guide reference
library package framework dependency
setting config configuration preference option
permission access right
notification alert reminder
time date clock
weather forecast temperature
`
  .trim()
  .split('\n')
  .map((line) => line.split(' ').map(stemWord));

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
