"""Which words say something about an API and nothing about who uses it?

Whatever is made of these words alone may be kept in a capture. They are the vocabulary of both
vendors' documentation: names of fields, states, units, parts and products. A word that is missing
here costs a reader a little, because it is replaced; a word too many could give somebody away. So
there are no places, people, trades or names of services here.
"""

import re
from functools import lru_cache

_VOCABULARY = """
a ability aborted above abstraction ac access accessed account acknowledged action actions
activated activation active activity actual adapter add added address administration administrator
advanced advisor after again agent agentless agents aggregate aggregated air aisle alarm alert
alerts all alletra allow allowed allows also always ambient amd amount an analysis and another any
apac apache api apollo app appliance appliances applicable applicant application applied applying
approval approved apr architecture args arguments array as asc asset assigned assignment
associated association at attached attempt attempted attention attribute attributed attributes aug
auth authenticated authentication authorization auto automatic auxiliary available average avg b
backplane backup bad balanced bandwidth bank base based baseline baselines basic battery bay be
bear bearer because been before being belongs below between bind bios bit bits blade blink
blinking block blocked blue bmc board body boot boottime both bound box br brand branding broadcom
bronze btu build builtin bundle bundles bus but by byte bytes c cable cache caching calculated
call can canceled cancelled cannot capabilities capability capable capacity carbon card cards care
case caseid catalog catalogs category cdev celsius centos cert certificate change changed changes
channel character charge charset chassis check checked child chunk cim claim claimed class clear
cleared client clock closed cloud cloudline cluster co co2 co2e co2ekg co2ekgsums code codes
collect collected collecting collection collector color comment common community comparison
compatible complete completed completion compliance compliant component components compute
condition config configurable configuration configured connect connected connection connections
connectivity consistency console consumed consumption contact container contains content context
contract control controller coolant cooling copy core cores correct correctable cost could count
counter country counts cpgcgs cpld cpu cray create created creation creator credential credentials
creds critical criticality cron crypto css cu currency current custom customer cylinder d daily
dashboard data database databus datacenter date day days dc dcim debug dec decimal declined
decommissioned deep default deferred defined definition degraded delay delete deleted dell dellemc
delta denied dependencies dependency deploy deployed deployment deprecated depth desc description
desired destination detail details detected deviation deviations device devices diag diagnostic
diagnostics dim dimm direct directory disable disabled disconnected discovered discovery disk
disks display div dl dn dns do doctype does domain done down downgrade download downloads dpu drac
drift drive driver drivers drop dropped ds dual due duplicate duration dynamic e each edgeline
editable edition eemi effective efficiency either elapsed element eligible email embedded emc
emission emissions empty emulex enable enabled enclosure encoding encrypted encryption end
endpoint ends endurance energy engine enhanced enter enterprise entities entitlement entity entry
environment epoch epr epyc eq equal error errors essential estimate estimated estimates esxi
ethernet eval evaluated evaluating evaluation evaluations event events exceed exceeded exception
exchange excl exclude excluded execute executed execution exhaust exhausted exist existing exists
expand expanding expected expiration expired expires expiry exporting express expression extended
external f fabric factor factory fahrenheit failed fails failure failures false family fan fans
fault faults fc fcoe feature features feb fewer fiber fibre field fields file filename filter
filtered filters final firmware first fit fixed flag flash fleet flow for forbidden forced
forecast foreign form format found foundation fqdd fragment frame free frequency frmw from front
frozen fru full function future fw fwpkg g gateway gauge gb ge gen general generated generating
generation given gives gl global gold good governor gpu gpus grace granted graph graphic graphics
green greenlake grid group groups gt gui guid guide gzip h h1 had handle hardware has hash hat
have hba hdd head header headers headroom health healthy heartbeat heat height hertz hewlett
hexadecimal hibernating hidden hierarchy high histories history hold host hostname hot hotspare
hour hourly hours how hpe hr href html http https humidity hw hyperthreading hypervisor hyphens hz i
icon id identifier identify idle idrac idracinfo ids if ignored ilo image immediate impact
implemented importing in inactive inc include included incomplete index indicator info information
informational infrastructure initial initializing inlet innovation input insensitive insert
install installation installed instance instances instant instantaneous instead instrumentation
insufficient integer integrated integrity intel intelligence intelligent intensity interconnect
interface interfaces internal interval into intrusion invalid inventoried inventory io iom ip ipmi
ipv iqn is is64bit iscsi issue item items its jan job jobs joined joules json jul jun k kb keep
key keys kg killowatt kilo kilowatt kind known kwh label lan language large last latency
later latest layer layout lcd le leaf leak leakage led left legacy length lent less level levels
license licenses licensing lifecycle lifetime lifetimes limit limited limits line link linked
links linux liquid list listed lit load loaded local locate location lock locked log logged logic
logical login logs lom long lookup lost low lower lowest lt lts lun m mac machine made main
maintenance major managed management manager manifest manifold manual manufactured manufacturer
many map mapping mar mask master match matches matrox max maximum may mb mcm me mean measure
measured measurement media medium mellanox member members membership memory message messages meta
metadata method metric metrics mgmt mhz mib micro microseconds microserver microsoft migrating
milliseconds min minimal minimum minor mins minute minutes mirror misc miscellaneous missing ml mm
mode model models modified modular module modules monitor monitored monitoring month monthly more
mount move ms multi multiple must n na name names namespace nand native navigation ne needed needs
nested net network networks never new newer newest next nginx nic no node nodes non noncompliant
none normal nostatus not note nothing notification notifications notify nov now null num number
numbers numeric nvidia nvlink nvme o object objects occurred ocp oct odata odd oem of off offered
offline offset ok old older oldest ome on onboarded onboarding once one oneview online only open
openmanage operating operation operational operations ops optane opteron option optional options
or oracle order orderby ordered orders organization origin os other others out outlet output
outside ove over overall override oversubscribed overview own owned owner p pack package packard
page paged pages panel parameter parameters params parent parity part partial partition partitions
parts passed passive password patch path paths paused pci pcie peak pending pendingreboot per perc
percent percentage percents perform performance period permanent permission perpetual persistent
phase physical pin place plan planned platform platforms platinum please plugin plugins plus point
policies policy polling pool port ports position post power powered poweredge poweredgerc powering
powervault pre predecessor predicted predictive predictivefailure prerequisite presence present
previous price primary printed prior priority privilege probe problem problems process processed
processing processor processors product production products profile profiles program programmable
progress project projected projection proliant promises properties property protection protocol
provided provider provisioned provisioning proxy psu public publisher pull pump pumps purchase
push q qlogic quality quantity quarantine quarantined queries query queue queued r rack rackslot
raid ram range rank rate rated ratelimit rates ratio raw reach reached read reading readings ready
real reason reboot rebooting rebuilding received recent recipient recommendation recommended
record records recovery recurrent recurring red redfish redhat redirect redundancy redundant ref
refer reference refresh refused region register registered registration regular related relation
relative release released remaining remote remove removed renewable renewal renewed repeat
repeated replace report reported reporting reports repository request requested requests require
required requirement requires reserve reserved reset resets resolution resolve resolved resource
resources response responses restart result results resume resumed retired retries retry return
returned revision rf rhel right riser riserslot risk role roles rollback rolledback rollup rom
room root rotation row rows rpm run running runtime s same sample sas sata saving savings scale
scan scanning schedule scheduled scheduler schema scope score script scsi sd search seats second
secondary seconds section secure secureboot security see sel select selected selector self send
sensor sensors sent sep sequence serial series server servers service services session sessions
set setting settings setup several severe severities severity sha share shared ship shipped short
should shut shutdown signed silver simulated since single site size sizes skip skipped sled sleds
sleeping sles slot slots small smart smartnic snapshot so socket software sold some sort source
space span spare specific speed spp squid src ssd staged staging stalled stamp standard standby
start started starting startnow startup state stateful statement states static statistic
statistics status statuses step stepping stop stopped stopping storage store string stripe style
sub subject submitted subnet subscribed subscription subscriptions subsystem success successful
such suggested sum summaries summary sums superdome supplies supply support supported supports
suppressed suse suspend suspended sw switch switched sync synced synergy system systems t table
tag tags take target targets task tasks tech temp temperature temperatures template templates
tenant test text than that the them then there thermal these they third this thread threads three
threshold thresholds throttle throttled throttling throughput ticks tier time timed timeout timer
times timestamp timezone title tm to today token tolerance tolerant tolower too top total totals
toupper tpm trace track traffic transaction transferring transition trap trend trial trigger
triggered trouble true truncated trusted trustedplatform try turbo turn twice type types u ubuntu
uefi uid unable unassigned unauthorized unavailable unclaimed uncorrectable undefined under
unexpected unhealthy unique unit units universal unknown unlimited unlocked unmanaged unmapped
unmonitored unplugged unreachable unsubscribed unsupported until up update updated updates upgrade
uplink upper uptime urgent uri url usage usb use used user users using utc utf utilisation
utilization uuid v valid validation value values valve var vendor vendors verified verify version
versions vertical vga via video view viewer violation virtual virtualization visible vlan vm
vmware volatile volt voltage volts volume vram w wait waiting want warm warning warnings warranties
warranty was watt watts wear week weekly weight were wh what when where which while who width will
window windows with within without word workflow workload works workspace workspaces would write
written wwn wwpn x xeon xl xml y year yearly years yes you your z zero zone zones
"""
WORDS = frozenset(_VOCABULARY.split())
PUBLIC_IDS = frozenset(
    {
        "2f6d05beee4b4b0eb873c8d2f64a4625",  # Dell's plugin Power Manager
        "e7cef8e6a3f64490b669136e3ca40617",  # HPE's filter that takes every server
    }
)
"""Identifiers that are the same for every user, as hexadecimal digits."""
NOTHING = frozenset({"", "none", "null", "n/a", "na", "unknown", "-", "notavailable"})
"""Values that stand for no value, also where a name is expected."""

_RUN = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_known(word: str) -> bool:
    """Tell whether one run of letters is in the vocabulary, also as `camelCase`."""
    if word.lower() in WORDS:
        return True
    parts = _PART.findall(word)
    return "".join(parts) == word and all(part.lower() in WORDS for part in parts)


@lru_cache(maxsize=4096)
def is_lexical(text: str) -> bool:
    """Tell whether a text has nothing but words of the vocabulary, and signs between them."""
    plain = text.replace("°", "")
    return plain.isascii() and all(is_known(word) for word in _RUN.findall(plain))
