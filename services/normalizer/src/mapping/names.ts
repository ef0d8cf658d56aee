/**
 * The dictionary of names: how vendors call what ECS has a field for. Names are compared without case and without anything but letters and digits, so
 * `src_ip`, `SrcIP` and `src-ip` are one. In a nested format the whole path is looked up first, then its last two members, then the last.
 * Earlier names of a list win over later ones. No vendor's name stands here; a name with two common meanings is left out.
 */

export type ValueKind =
  | 'address'
  | 'port'
  | 'integer'
  | 'text'
  | 'mac'
  | 'transport'
  | 'protocol'
  | 'user'
  | 'url'
  | 'method'
  | 'status'
  | 'time'
  | 'list'
  | 'outcome'
  | 'hash'
  | 'host'
  | 'executable'
  | 'dnstype'
  | 'interface'

export interface NameRule {
  readonly target: string
  readonly kind: ValueKind
  readonly names: string
}

export const nameRules: readonly NameRule[] = [
  {
    target: 'source',
    kind: 'address',
    names:
      'srcip sourceip sourceaddress srcaddr srcaddress src sourceipaddress srcipaddr srcipaddress sourceipv4 srcipv4 sourceipv6 srcipv6 ipsrc ipaddrsrc sourceipaddr idorighh idorigh clientip clientaddress clientaddr clientipaddr clientipaddress cip csip remoteip remoteaddress remoteaddr remip remipaddr rhost raddr originip attackerip attackeraddress calleripaddress callerip peerip peeraddress peeraddr userip useripaddress initiatorip fromip actorip actoripaddress sourcehostip sourceaddr srchost sourcehost saddr ssip ipaddress ipaddr ip addr clienthost remotehost client sourcenetworkaddress remote station framedipaddress',
  },
  {
    target: 'source.port',
    kind: 'port',
    names:
      'srcport spt sport sourceport clientport idorigp srcportnum sourceportnumber ipport srcportid cport remoteport csport tcpsrcport udpsrcport ssport',
  },
  {
    target: 'source.nat.ip',
    kind: 'address',
    names:
      'sourcetranslatedaddress srcnatip natsourceaddress natsrcip transip xlatesrc natsourceip srcnataddr sourcenatip transsrcip srcipnat srcxlatedip natsrcaddr natsrcaddress sourcenataddress srctransip',
  },
  {
    target: 'source.nat.port',
    kind: 'port',
    names:
      'sourcetranslatedport natsourceport xlatesport natsrcport srcxlatedport srcnatport sourcenatport srctransport transsrcport',
  },
  {
    target: 'source.mac',
    kind: 'mac',
    names:
      'srcmac smac sourcemac sourcemacaddress clientmac clientmacaddress srcmacaddress srcmacaddr epmacaddress endpointmacaddress callingstationid macaddress mac ethersrcmac ethsrc',
  },
  {
    target: 'source.domain',
    kind: 'host',
    names:
      'srcdomain sourcedomain shost sourcehostname srchostname srcname clienthostname clientdomain srcfqdn sourcefqdn workstationname',
  },
  {
    target: 'source.bytes',
    kind: 'integer',
    names:
      'sentbytes sentbyte bytessent srcbytes sourcebytes bytestoserver clientbytes origipbytes origbytes fwdbytes initiatorbytes outbytes bytesout uploadbytes bytesfromclient requestsize reqsize requestbytes csbytes',
  },
  {
    target: 'source.packets',
    kind: 'integer',
    names:
      'sentpkt sentpackets sentpkts srcpackets pktstoserver origpkts fwdpackets initiatorpackets packetsfromclient packetssent srcpkts',
  },
  {
    target: 'destination',
    kind: 'address',
    names:
      'dstip destip destinationip destinationaddress dstaddr dstaddress dst dest destinationipaddress dstipaddr dstipaddress destinationipv4 dstipv4 destinationipv6 dstipv6 ipdst destipaddr destaddress destaddr idresph targetip targetaddress serverip serveraddress serveraddr responderip toip daddr cdip sdip dsthost desthost destinationhost victimip localip localaddress upstreamaddr destinationaddr',
  },
  {
    target: 'destination.port',
    kind: 'port',
    names:
      'dstport dpt dport destport destinationport serverport idrespp dstportnum destinationportnumber targetport localport cdport sdport tcpdstport udpdstport svcport',
  },
  {
    target: 'destination.nat.ip',
    kind: 'address',
    names:
      'destinationtranslatedaddress dstnatip natdestinationaddress natdstip tranip xlatedst natdestinationip dstnataddr destinationnatip transdstip dstipnat dstxlatedip natdstaddr natdstaddress destinationnataddress dsttransip',
  },
  {
    target: 'destination.nat.port',
    kind: 'port',
    names:
      'destinationtranslatedport natdestinationport xlatedport natdstport dstxlatedport dstnatport tranport destinationnatport dsttransport',
  },
  {
    target: 'destination.mac',
    kind: 'mac',
    names: 'dstmac dmac destinationmac destmac destinationmacaddress dstmacaddress dstmacaddr ethdst etherdestmac',
  },
  {
    target: 'destination.domain',
    kind: 'host',
    names:
      'dstdomain destinationdomain dhost destinationhostname dsthostname dstname destfqdn dstfqdn destinationfqdn destinationdnsdomain servername destname',
  },
  {
    target: 'destination.bytes',
    kind: 'integer',
    names:
      'rcvdbytes rcvdbyte recvbytes bytesreceived bytesrcvd dstbytes destinationbytes destbytes bytestoclient serverbytes respipbytes respbytes revbytes responderbytes inbytes bytesin receivedbytes downloadbytes bytesfromserver responsesize respsize',
  },
  {
    target: 'destination.packets',
    kind: 'integer',
    names:
      'rcvdpkt rcvdpackets recvpkts dstpackets pktstoclient resppkts revpackets responderpackets packetsfromserver packetsreceived receivedpackets destpackets dstpkts',
  },
  {
    target: 'network.transport',
    kind: 'transport',
    names:
      'transport transportprotocol ipprotocol ipproto protocol proto l4proto protoname prot transproto protocolid protocolnumber protocolname protonumber',
  },
  {
    target: 'network.protocol',
    kind: 'protocol',
    names:
      'appproto applicationprotocol appprotocol l7proto app application appname service servicename serviceid protocol proto nwapp',
  },
  { target: 'network.bytes', kind: 'integer', names: 'networkbytes totalbytes bytestotal' },
  {
    target: 'observer.ingress.interface.name',
    kind: 'interface',
    names:
      'srcintf ingressinterface inputinterface ininterface inintf srcinterface srciface ifin inif initf sourceinterface deviceinboundinterface inzoneinterface inputintf iniface srcint packetincominginterface indev sourceinterfacename',
  },
  {
    target: 'observer.egress.interface.name',
    kind: 'interface',
    names:
      'dstintf egressinterface outputinterface outinterface outintf dstinterface dstiface ifout outif outitf destinationinterface deviceoutboundinterface outiface dstint destinationinterfacename outdev outputintf',
  },
  {
    target: 'user.name',
    kind: 'user',
    names:
      'username usrname user suser srcuser sourceuser sourceusername targetusername duser dstuser destinationuser accountname account acct logonname loginname login userid usr uname acctname xauthuser unauthuser principal usernamefield accountid subjectusername adminname actorname actoruser admin remoteuser csusername clientusername authuser actor users auid',
  },
  {
    target: 'user.domain',
    kind: 'text',
    names:
      'userdomain ntdomain accountdomain sntdom dntdom targetdomainname userdomainname addomain subjectdomainname logondomain',
  },
  { target: 'user.id', kind: 'text', names: 'uid usersid usid targetusersid targetsid subjectusersid useruid' },
  { target: 'user.email', kind: 'text', names: 'useremail' },
  { target: 'process.name', kind: 'text', names: 'processname procname proc comm program programname' },
  {
    target: 'process.executable',
    kind: 'executable',
    names:
      'exe processpath executable image imagepath processexecutable executablepath processimage newprocessname processimagepath processfilepath',
  },
  {
    target: 'process.command_line',
    kind: 'text',
    names: 'commandline cmdline processcommandline command cmd proctitle processcmdline',
  },
  { target: 'process.pid', kind: 'integer', names: 'processid pid procid processpid newprocessid spid' },
  {
    target: 'process.parent.executable',
    kind: 'text',
    names: 'parentprocesspath parentimage parentprocessname parentpath parentexe parentexecutable',
  },
  { target: 'process.parent.pid', kind: 'integer', names: 'ppid parentpid parentprocessid' },
  { target: 'file.name', kind: 'text', names: 'filename fname infectedfilename file' },
  {
    target: 'file.path',
    kind: 'text',
    names: 'filepath fullpath filefullpath targetfilename targetfilepath path infectedfilepath objectname filelocation',
  },
  {
    target: 'file.hash.sha256',
    kind: 'hash',
    names: 'sha256 filesha256 sha256hash hashsha256 filehashsha256 filehash hash filesha256hash',
  },
  { target: 'file.hash.sha1', kind: 'hash', names: 'sha1 filesha1 sha1hash hashsha1' },
  { target: 'file.hash.md5', kind: 'hash', names: 'md5 filemd5 md5hash hashmd5' },
  {
    target: 'url.original',
    kind: 'url',
    names:
      'url requesturl fullurl httpurl uri requesturi csuri httpuri request eurl targeturl destinationurl clickurl redirecturi csuristem requestpath reqpath',
  },
  {
    target: 'url.domain',
    kind: 'host',
    names:
      'httphostname httphost urldomain requesthost urlhost cshost hosthdr httprequesthost requestheaderhost vhost domain domainname fqdn',
  },
  {
    target: 'http.request.method',
    kind: 'method',
    names: 'httpmethod requestmethod httprequestmethod method csmethod reqmethod httpreqmethod',
  },
  {
    target: 'http.response.status_code',
    kind: 'status',
    names:
      'httpstatus statuscode httpstatuscode responsecode httpresponsecode scstatus respcode downstreamstatus httpresponse httprespstatus status httprespcode response',
  },
  {
    target: 'http.request.referrer',
    kind: 'text',
    names: 'referer referrer httpreferer httpreferrer requestcontext httprefer csreferer refererurl',
  },
  {
    target: 'user_agent.original',
    kind: 'text',
    names:
      'useragent httpuseragent requestclientapplication csuseragent httpagent agentstring ua requestuseragent httprequestuseragent',
  },
  {
    target: 'dns.question.name',
    kind: 'host',
    names: 'qname queryname dnsquery dnsrrname rrname query questionname dnsqueryname dnsquestionname dnsdomain',
  },
  {
    target: 'dns.question.type',
    kind: 'dnstype',
    names: 'qtypename querytype qtype rrtype dnsrrtype recordtype dnsquerytype dnsrecordtype dnsquestiontype dnsqtype',
  },
  { target: 'dns.response_code', kind: 'text', names: 'rcode rcodename dnsrcode dnsresponsecode dnsresponsetype' },
  {
    target: 'rule.name',
    kind: 'text',
    names:
      'rulename alertsignature signature signaturename attackname threatname accesscontrolrulename policyname ruledescription rule attack virusname malwarename fwrulename firewallrule threat detectname alertname fwrule signame',
  },
  {
    target: 'rule.id',
    kind: 'text',
    names: 'ruleid alertsignatureid signatureid policyid sigid ruleuid ruleuuid fwruleid attackid sid',
  },
  { target: 'event.code', kind: 'text', names: 'eventid eventcode msgid logid messageid signatureid' },
  { target: 'event.severity', kind: 'integer', names: 'alertseverity severityid' },
  {
    target: 'event.action',
    kind: 'text',
    names:
      'action act eventaction ruleaction policyaction alertaction accesscontrolruleaction eventtype operation activity deviceaction status op eventname',
  },
  { target: 'event.outcome', kind: 'outcome', names: 'outcome result res success eventoutcome status' },
  { target: 'event.reason', kind: 'text', names: 'reason failurereason denyreason reasoncode blockreason' },
  {
    target: 'email.from.address',
    kind: 'list',
    names:
      'mailfrom emailfrom fromemailaddress sender fromaddress senderaddress emailsender from fromemail sendermail smtpfrom esafriendlyfrom',
  },
  {
    target: 'email.to.address',
    kind: 'list',
    names:
      'mailto emailto toemailaddress recipient recipients rcptto rcpt toaddress recipientaddress emailrecipient to toemail smtpto',
  },
  { target: 'email.subject', kind: 'text', names: 'subject emailsubject mailsubject' },
  { target: 'tls.server.server_name', kind: 'host', names: 'sni tlssni servernameindication' },
  {
    target: 'observer.name',
    kind: 'host',
    names:
      'devname devicename dvchost devicehostname hostname computername machinename computer host node agenthostname agentcomputername computerdnsname devicednsname sensorname hostnamefield endpointname computerfqdn agentcomputername computerdnsname machine devicehost observername fqdnname hostfqdn nodename systemname origin dvc devip deviceip deviceaddress cbserver',
  },
  {
    target: '@timestamp',
    kind: 'time',
    names:
      'timestamp eventtime timestampiso8601 isotimestamp eventtimestamp datetime timecreatedsystemtime systemtime utctime time ts rt logtime createdat createdtime eventcreationtime occurred occurredat generatedtime devtime receivetime starttime start end timecreated eventreceivedtime timegenerated lastblocked date unifiutctime begintime epoch alerttime creationtime',
  },
]
